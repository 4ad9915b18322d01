import { kernel32 } from "./kernel32.ts";
import { type LibraryLease, NativeLibrary } from "./native_library.ts";

const ADVAPI32_SYMBOLS = {
  OpenProcessToken: {
    parameters: [
      "pointer", // HANDLE ProcessHandle
      "u32", // DWORD DesiredAccess
      "buffer", // PHANDLE TokenHandle
    ],
    result: "i32",
  },
  GetTokenInformation: {
    parameters: [
      "pointer", // HANDLE TokenHandle
      "i32", // TOKEN_INFORMATION_CLASS TokenInformationClass
      "buffer", // LPVOID TokenInformation
      "u32", // DWORD TokenInformationLength
      "buffer", // PDWORD ReturnLength
    ],
    result: "i32",
  },
  ConvertSidToStringSidW: {
    parameters: [
      "pointer", // PSID Sid
      "buffer", // LPWSTR *StringSid
    ],
    result: "i32",
  },
  ConvertStringSecurityDescriptorToSecurityDescriptorW: {
    parameters: [
      "buffer", // LPCWSTR StringSecurityDescriptor
      "u32", // DWORD StringSDRevision
      "buffer", // PSECURITY_DESCRIPTOR *SecurityDescriptor
      "pointer", // PULONG SecurityDescriptorSize
    ],
    result: "i32",
  },
  GetFileSecurityW: {
    parameters: [
      "buffer", // LPCWSTR lpFileName
      "u32", // SECURITY_INFORMATION RequestedInformation
      "buffer", // PSECURITY_DESCRIPTOR pSecurityDescriptor
      "u32", // DWORD nLength
      "buffer", // LPDWORD lpnLengthNeeded
    ],
    result: "i32",
  },
  SetFileSecurityW: {
    parameters: [
      "buffer", // LPCWSTR lpFileName
      "u32", // SECURITY_INFORMATION SecurityInformation
      "pointer", // PSECURITY_DESCRIPTOR pSecurityDescriptor
    ],
    result: "i32",
  },
  GetKernelObjectSecurity: {
    parameters: [
      "pointer", // HANDLE Handle
      "u32", // SECURITY_INFORMATION RequestedInformation
      "buffer", // PSECURITY_DESCRIPTOR pSecurityDescriptor
      "u32", // DWORD nLength
      "buffer", // LPDWORD lpnLengthNeeded
    ],
    result: "i32",
  },
  SetKernelObjectSecurity: {
    parameters: [
      "pointer", // HANDLE Handle
      "u32", // SECURITY_INFORMATION SecurityInformation
      "pointer", // PSECURITY_DESCRIPTOR SecurityDescriptor
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const advapi32 = new NativeLibrary(() => {
  // To load this only after a call of advapi32 has failed would lose Windows' last error.
  void kernel32.GetLastError;
  return Deno.dlopen("advapi32.dll", ADVAPI32_SYMBOLS);
});

/** Windows' advapi32 (security). @throws {Error} elsewhere. */
export function leaseAdvapi32(): LibraryLease<typeof ADVAPI32_SYMBOLS> {
  return advapi32.lease();
}

import { type LibraryLease, NativeLibrary } from "./native_library.ts";

const USER32_SYMBOLS = {
  RegisterClassW: {
    parameters: [
      "buffer", // const WNDCLASSW *lpWndClass
    ],
    result: "u16", // ATOM
  },
  CreateWindowExW: {
    parameters: [
      "u32", // DWORD dwExStyle
      "buffer", // LPCWSTR lpClassName
      "buffer", // LPCWSTR lpWindowName
      "u32", // DWORD dwStyle
      "i32", // int X
      "i32", // int Y
      "i32", // int nWidth
      "i32", // int nHeight
      "pointer", // HWND hWndParent
      "pointer", // HMENU hMenu
      "pointer", // HINSTANCE hInstance
      "pointer", // LPVOID lpParam
    ],
    result: "pointer", // HWND
  },
  DestroyWindow: {
    parameters: [
      "pointer", // HWND hWnd
    ],
    result: "i32",
  },
  DefWindowProcW: {
    parameters: [
      "pointer", // HWND hWnd
      "u32", // UINT Msg
      "usize", // WPARAM wParam
      "isize", // LPARAM lParam
    ],
    result: "isize", // LRESULT
  },
  GetMessageW: {
    parameters: [
      "buffer", // LPMSG lpMsg
      "pointer", // HWND hWnd
      "u32", // UINT wMsgFilterMin
      "u32", // UINT wMsgFilterMax
    ],
    result: "i32",
  },
  DispatchMessageW: {
    parameters: [
      "buffer", // const MSG *lpMsg
    ],
    result: "isize",
  },
  PostMessageW: {
    parameters: [
      "pointer", // HWND hWnd
      "u32", // UINT Msg
      "usize", // WPARAM wParam
      "isize", // LPARAM lParam
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** `WNDCLASSW` on 64-bit Windows (winuser.h); sizes and offsets in bytes. */
export const WNDCLASSW = { size: 72, lpfnWndProc: 8, lpszClassName: 64 } as const;

/** `MSG` on 64-bit Windows. */
export const MSG = { size: 48, message: 8 } as const;

/** Values of winuser.h. */
export const WindowMessage = {
  WM_CLOSE: 0x10,
  WM_QUERYENDSESSION: 0x11,
  WM_ENDSESSION: 0x16,
} as const;

const library = new NativeLibrary(() => Deno.dlopen("user32.dll", USER32_SYMBOLS));

/** The part of Windows' user32 that a window without anything to see needs. @throws {Error} elsewhere. */
export function leaseUser32(): LibraryLease<typeof USER32_SYMBOLS> {
  return library.lease();
}

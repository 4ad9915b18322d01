import type { BitCheck, ValueCheck } from "./check.ts";

/** Marks where the answers begin in the object file. */
export const MAGIC = [0x6d737175_69636421n, 0x6c61796f_75742e31n] as const;

/** The bytes that are set aside for each struct in which a bit-field is set. */
export const PROBE_SIZE = 256;

// What the headers of mingw-w64 lack, or name otherwise than the Windows SDK.
const WINDOWS_PRELUDE = `
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <windows.h>
#include <ws2ipdef.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <sal.h>
#include <specstrings.h>
#include "quic_sal_stub.h"
#ifndef E_NOT_VALID_STATE
#define E_NOT_VALID_STATE HRESULT_FROM_WIN32(ERROR_INVALID_STATE)
#endif
#ifndef E_NOT_SUFFICIENT_BUFFER
#define E_NOT_SUFFICIENT_BUFFER HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)
#endif
#ifndef WSA_SECURE_HOST_NOT_FOUND
#define WSA_SECURE_HOST_NOT_FOUND 11032L
#endif
`;

/**
 * A C source whose object file contains, after {@linkcode MAGIC}, one u64 for each value, then the
 * bytes of a struct for each bit-field. It only needs to be compiled, so that it also works where
 * the result cannot run.
 */
export function cSource(values: readonly ValueCheck[], bits: readonly BitCheck[]): string {
  const u64s = values.map(({ expression }) => `    (unsigned long long)(${expression}),`);
  const members = bits.map(({ struct }, i) =>
    `  union { ${struct} value; unsigned char bytes[${PROBE_SIZE}]; } probe${i};`
  );
  const probes = bits.map(({ member }, i) => `  .probe${i} = { .value = { .${member} = -1 } },`);
  return `
#ifdef _WIN32
${WINDOWS_PRELUDE}
#endif
#include <stddef.h>
#include "msquic.h"

const struct {
  unsigned long long magic[${MAGIC.length}];
  unsigned long long values[${values.length}];
${members.join("\n")}
} msquicd_layout = {
  .magic = { ${MAGIC.map((word) => `${word}ull`).join(", ")} },
  .values = {
${u64s.join("\n")}
  },
${probes.join("\n")}
};
`;
}

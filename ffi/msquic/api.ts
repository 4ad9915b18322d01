import { callable, fromPointers } from "../libraries/address_symbols.ts";
import type { Callable } from "../libraries/callable.ts";
import { API_FUNCTIONS, type ApiFunction } from "./abi/mod.ts";

/**
 * Signatures of the functions of `QUIC_API_TABLE` that are used.
 *
 * A `QUIC_UINT62` and a context are passed as `u64`; what MsQuic only hands back to callbacks is a
 * small number of ours, see {@linkcode HandleTable}.
 */
export const API_SIGNATURES = {
  SetCallbackHandler: {
    parameters: [
      "pointer", // HQUIC Handle
      "function", // void* Handler
      "u64", // void* Context
    ],
    result: "void",
  },
  SetParam: {
    parameters: [
      "pointer", // HQUIC Handle
      "u32", // uint32_t Param
      "u32", // uint32_t BufferLength
      "buffer", // const void* Buffer
    ],
    result: "u32",
  },
  GetParam: {
    parameters: [
      "pointer", // HQUIC Handle
      "u32", // uint32_t Param
      "buffer", // uint32_t* BufferLength
      "buffer", // void* Buffer
    ],
    result: "u32",
  },
  RegistrationOpen: {
    parameters: [
      "buffer", // const QUIC_REGISTRATION_CONFIG* Config
      "buffer", // HQUIC* Registration
    ],
    result: "u32",
  },
  ConfigurationOpen: {
    parameters: [
      "pointer", // HQUIC Registration
      "buffer", // const QUIC_BUFFER* AlpnBuffers
      "u32", // uint32_t AlpnBufferCount
      "buffer", // const QUIC_SETTINGS* Settings
      "u32", // uint32_t SettingsSize
      "u64", // void* Context
      "buffer", // HQUIC* Configuration
    ],
    result: "u32",
  },
  ConfigurationClose: {
    parameters: [
      "pointer", // HQUIC Configuration
    ],
    result: "void",
  },
  ConfigurationLoadCredential: {
    parameters: [
      "pointer", // HQUIC Configuration
      "buffer", // const QUIC_CREDENTIAL_CONFIG* CredConfig
    ],
    result: "u32",
  },
  ListenerOpen: {
    parameters: [
      "pointer", // HQUIC Registration
      "function", // QUIC_LISTENER_CALLBACK_HANDLER Handler
      "u64", // void* Context
      "buffer", // HQUIC* Listener
    ],
    result: "u32",
  },
  ListenerClose: {
    parameters: [
      "pointer", // HQUIC Listener
    ],
    result: "void",
    nonblocking: true,
  },
  ListenerStart: {
    parameters: [
      "pointer", // HQUIC Listener
      "buffer", // const QUIC_BUFFER* AlpnBuffers
      "u32", // uint32_t AlpnBufferCount
      "buffer", // const QUIC_ADDR* LocalAddress
    ],
    result: "u32",
  },
  ListenerStop: {
    parameters: [
      "pointer", // HQUIC Listener
    ],
    result: "void",
  },
  ConnectionOpen: {
    parameters: [
      "pointer", // HQUIC Registration
      "function", // QUIC_CONNECTION_CALLBACK_HANDLER Handler
      "u64", // void* Context
      "buffer", // HQUIC* Connection
    ],
    result: "u32",
  },
  ConnectionClose: {
    parameters: [
      "pointer", // HQUIC Connection
    ],
    result: "void",
  },
  ConnectionShutdown: {
    parameters: [
      "pointer", // HQUIC Connection
      "u32", // QUIC_CONNECTION_SHUTDOWN_FLAGS Flags
      "u64", // QUIC_UINT62 ErrorCode
    ],
    result: "void",
  },
  ConnectionStart: {
    parameters: [
      "pointer", // HQUIC Connection
      "pointer", // HQUIC Configuration
      "u16", // QUIC_ADDRESS_FAMILY Family
      "buffer", // const char* ServerName
      "u16", // uint16_t ServerPort
    ],
    result: "u32",
  },
  ConnectionSetConfiguration: {
    parameters: [
      "pointer", // HQUIC Connection
      "pointer", // HQUIC Configuration
    ],
    result: "u32",
  },
  ConnectionSendResumptionTicket: {
    parameters: [
      "pointer", // HQUIC Connection
      "u32", // QUIC_SEND_RESUMPTION_FLAGS Flags
      "u16", // uint16_t DataLength
      "pointer", // const uint8_t* ResumptionData
    ],
    result: "u32",
  },
  StreamOpen: {
    parameters: [
      "pointer", // HQUIC Connection
      "u32", // QUIC_STREAM_OPEN_FLAGS Flags
      "function", // QUIC_STREAM_CALLBACK_HANDLER Handler
      "u64", // void* Context
      "buffer", // HQUIC* Stream
    ],
    result: "u32",
  },
  StreamClose: {
    parameters: [
      "pointer", // HQUIC Stream
    ],
    result: "void",
  },
  StreamStart: {
    parameters: [
      "pointer", // HQUIC Stream
      "u32", // QUIC_STREAM_START_FLAGS Flags
    ],
    result: "u32",
  },
  StreamShutdown: {
    parameters: [
      "pointer", // HQUIC Stream
      "u32", // QUIC_STREAM_SHUTDOWN_FLAGS Flags
      "u64", // QUIC_UINT62 ErrorCode
    ],
    result: "u32",
  },
  StreamSend: {
    parameters: [
      "pointer", // HQUIC Stream
      "pointer", // const QUIC_BUFFER* Buffers
      "u32", // uint32_t BufferCount
      "u32", // QUIC_SEND_FLAGS Flags
      "u64", // void* ClientSendContext
    ],
    result: "u32",
  },
  StreamReceiveComplete: {
    parameters: [
      "pointer", // HQUIC Stream
      "u64", // uint64_t BufferLength
    ],
    result: "void",
  },
  DatagramSend: {
    parameters: [
      "pointer", // HQUIC Connection
      "pointer", // const QUIC_BUFFER* Buffers
      "u32", // uint32_t BufferCount
      "u32", // QUIC_SEND_FLAGS Flags
      "u64", // void* ClientSendContext
    ],
    result: "u32",
  },
  ExecutionCreate: {
    parameters: [
      "u32", // QUIC_GLOBAL_EXECUTION_CONFIG_FLAGS Flags
      "u32", // uint32_t PollingIdleTimeoutUs
      "u32", // uint32_t Count
      "buffer", // QUIC_EXECUTION_CONFIG* Configs
      "buffer", // QUIC_EXECUTION** Executions
    ],
    result: "u32",
  },
  ExecutionPoll: {
    parameters: [
      { struct: ["u64"] }, // QUIC_EXECUTION* Execution, in a struct so that the call is none of V8's fast ones
    ],
    result: "u32",
  },
} as const satisfies Partial<Record<ApiFunction, Deno.ForeignFunction>>;

type Signatures = typeof API_SIGNATURES;

/** The functions of MsQuic's API table, ready to be called. */
export type Api = Callable<Signatures>;

/**
 * Makes the functions of the `QUIC_API_TABLE` at `table` callable.
 *
 * Two of them must not be called the fast way: `ExecutionPoll`, in which nearly all events come, and
 * `SetParam`, in which some do. V8 ends the process ("Lazy deopt after a fast API call with return value is
 * unsupported") if a callback makes it give up the compiled code of the very function that has made a
 * compiled call of a library's symbol, and that gives something back. A call that passes a struct is not
 * compiled in (80 ns), nor is one by a pointer (700 ns).
 *
 * @throws {TypeError} If one is missing.
 */
export function wrapApiTable(table: Deno.PointerObject): Api {
  const view = new Deno.UnsafePointerView(table);
  const addresses = Object.keys(API_SIGNATURES).map((name) => {
    const address = view.getBigUint64(API_FUNCTIONS.indexOf(name as ApiFunction) * 8);
    if (address !== 0n) return [name, address];
    throw new TypeError(`Cannot use this MsQuic: its API table has no function ${name}`);
  });
  const { SetParam, ...others } = Object.fromEntries(addresses);
  const { SetParam: set, ...signatures } = API_SIGNATURES;
  return {
    ...callable(signatures, others),
    ...fromPointers({ SetParam: set }, { SetParam }),
  };
}

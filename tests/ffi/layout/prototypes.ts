import type { ApiFunction } from "../../../ffi/msquic/abi/mod.ts";

/** The types of a C function; the compiler compares them with those of msquic.h. */
export interface Prototype {
  readonly result: string;
  readonly parameters: readonly string[];
}

const VOID = "void";
const STATUS = "QUIC_STATUS";

/** The prototypes of the functions of `QUIC_API_TABLE`. */
export const API_PROTOTYPES: Readonly<Record<ApiFunction, Prototype>> = {
  SetContext: { result: VOID, parameters: ["HQUIC", "void*"] },
  GetContext: { result: "void*", parameters: ["HQUIC"] },
  SetCallbackHandler: { result: VOID, parameters: ["HQUIC", "void*", "void*"] },
  SetParam: { result: STATUS, parameters: ["HQUIC", "uint32_t", "uint32_t", "const void*"] },
  GetParam: { result: STATUS, parameters: ["HQUIC", "uint32_t", "uint32_t*", "void*"] },
  RegistrationOpen: { result: STATUS, parameters: ["const QUIC_REGISTRATION_CONFIG*", "HQUIC*"] },
  RegistrationClose: { result: VOID, parameters: ["HQUIC"] },
  RegistrationShutdown: {
    result: VOID,
    parameters: ["HQUIC", "QUIC_CONNECTION_SHUTDOWN_FLAGS", "QUIC_UINT62"],
  },
  ConfigurationOpen: {
    result: STATUS,
    parameters: [
      "HQUIC",
      "const QUIC_BUFFER*",
      "uint32_t",
      "const QUIC_SETTINGS*",
      "uint32_t",
      "void*",
      "HQUIC*",
    ],
  },
  ConfigurationClose: { result: VOID, parameters: ["HQUIC"] },
  ConfigurationLoadCredential: {
    result: STATUS,
    parameters: ["HQUIC", "const QUIC_CREDENTIAL_CONFIG*"],
  },
  ListenerOpen: {
    result: STATUS,
    parameters: ["HQUIC", "QUIC_LISTENER_CALLBACK_HANDLER", "void*", "HQUIC*"],
  },
  ListenerClose: { result: VOID, parameters: ["HQUIC"] },
  ListenerStart: {
    result: STATUS,
    parameters: ["HQUIC", "const QUIC_BUFFER*", "uint32_t", "const QUIC_ADDR*"],
  },
  ListenerStop: { result: VOID, parameters: ["HQUIC"] },
  ConnectionOpen: {
    result: STATUS,
    parameters: ["HQUIC", "QUIC_CONNECTION_CALLBACK_HANDLER", "void*", "HQUIC*"],
  },
  ConnectionClose: { result: VOID, parameters: ["HQUIC"] },
  ConnectionShutdown: {
    result: VOID,
    parameters: ["HQUIC", "QUIC_CONNECTION_SHUTDOWN_FLAGS", "QUIC_UINT62"],
  },
  ConnectionStart: {
    result: STATUS,
    parameters: ["HQUIC", "HQUIC", "QUIC_ADDRESS_FAMILY", "const char*", "uint16_t"],
  },
  ConnectionSetConfiguration: { result: STATUS, parameters: ["HQUIC", "HQUIC"] },
  ConnectionSendResumptionTicket: {
    result: STATUS,
    parameters: ["HQUIC", "QUIC_SEND_RESUMPTION_FLAGS", "uint16_t", "const uint8_t*"],
  },
  StreamOpen: {
    result: STATUS,
    parameters: [
      "HQUIC",
      "QUIC_STREAM_OPEN_FLAGS",
      "QUIC_STREAM_CALLBACK_HANDLER",
      "void*",
      "HQUIC*",
    ],
  },
  StreamClose: { result: VOID, parameters: ["HQUIC"] },
  StreamStart: { result: STATUS, parameters: ["HQUIC", "QUIC_STREAM_START_FLAGS"] },
  StreamShutdown: {
    result: STATUS,
    parameters: ["HQUIC", "QUIC_STREAM_SHUTDOWN_FLAGS", "QUIC_UINT62"],
  },
  StreamSend: {
    result: STATUS,
    parameters: ["HQUIC", "const QUIC_BUFFER*", "uint32_t", "QUIC_SEND_FLAGS", "void*"],
  },
  StreamReceiveComplete: { result: VOID, parameters: ["HQUIC", "uint64_t"] },
  StreamReceiveSetEnabled: { result: STATUS, parameters: ["HQUIC", "BOOLEAN"] },
  DatagramSend: {
    result: STATUS,
    parameters: ["HQUIC", "const QUIC_BUFFER*", "uint32_t", "QUIC_SEND_FLAGS", "void*"],
  },
  ConnectionResumptionTicketValidationComplete: {
    result: STATUS,
    parameters: ["HQUIC", "BOOLEAN"],
  },
  ConnectionCertificateValidationComplete: {
    result: STATUS,
    parameters: ["HQUIC", "BOOLEAN", "QUIC_TLS_ALERT_CODES"],
  },
  ConnectionOpenInPartition: {
    result: STATUS,
    parameters: ["HQUIC", "uint16_t", "QUIC_CONNECTION_CALLBACK_HANDLER", "void*", "HQUIC*"],
  },
  StreamProvideReceiveBuffers: {
    result: STATUS,
    parameters: ["HQUIC", "uint32_t", "const QUIC_BUFFER*"],
  },
  ConnectionPoolCreate: {
    result: STATUS,
    parameters: ["QUIC_CONNECTION_POOL_CONFIG*", "HQUIC*"],
  },
  ExecutionCreate: {
    result: STATUS,
    parameters: [
      "QUIC_GLOBAL_EXECUTION_CONFIG_FLAGS",
      "uint32_t",
      "uint32_t",
      "QUIC_EXECUTION_CONFIG*",
      "QUIC_EXECUTION**",
    ],
  },
  ExecutionDelete: { result: VOID, parameters: ["uint32_t", "QUIC_EXECUTION**"] },
  ExecutionPoll: { result: "uint32_t", parameters: ["QUIC_EXECUTION*"] },
};

/** The prototypes of what MsQuic calls. */
export const CALLBACK_PROTOTYPES = {
  QUIC_LISTENER_CALLBACK: {
    result: STATUS,
    parameters: ["HQUIC", "void*", "QUIC_LISTENER_EVENT*"],
  },
  QUIC_CONNECTION_CALLBACK: {
    result: STATUS,
    parameters: ["HQUIC", "void*", "QUIC_CONNECTION_EVENT*"],
  },
  QUIC_STREAM_CALLBACK: {
    result: STATUS,
    parameters: ["HQUIC", "void*", "QUIC_STREAM_EVENT*"],
  },
  QUIC_EVENT_COMPLETION: { result: VOID, parameters: ["QUIC_CQE*"] },
} as const satisfies Record<string, Prototype>;

/**
 * The functions of `QUIC_API_TABLE` (msquic.h, API version 2, with preview features), in the order
 * of their pointers. The table is the same from MsQuic 2.5.1 to 2.5.10; 2.6 only appends to it.
 */
export const API_FUNCTIONS = [
  "SetContext",
  "GetContext",
  "SetCallbackHandler",
  "SetParam",
  "GetParam",
  "RegistrationOpen",
  "RegistrationClose",
  "RegistrationShutdown",
  "ConfigurationOpen",
  "ConfigurationClose",
  "ConfigurationLoadCredential",
  "ListenerOpen",
  "ListenerClose",
  "ListenerStart",
  "ListenerStop",
  "ConnectionOpen",
  "ConnectionClose",
  "ConnectionShutdown",
  "ConnectionStart",
  "ConnectionSetConfiguration",
  "ConnectionSendResumptionTicket",
  "StreamOpen",
  "StreamClose",
  "StreamStart",
  "StreamShutdown",
  "StreamSend",
  "StreamReceiveComplete",
  "StreamReceiveSetEnabled",
  "DatagramSend",
  "ConnectionResumptionTicketValidationComplete",
  "ConnectionCertificateValidationComplete",
  "ConnectionOpenInPartition",
  "StreamProvideReceiveBuffers",
  "ConnectionPoolCreate",
  "ExecutionCreate",
  "ExecutionDelete",
  "ExecutionPoll",
] as const;

/** The name of a function in `QUIC_API_TABLE`. */
export type ApiFunction = (typeof API_FUNCTIONS)[number];

/** The version to pass to `MsQuicOpenVersion` for this table. */
export const API_VERSION = 2;

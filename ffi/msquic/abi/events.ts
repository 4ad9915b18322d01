/**
 * What MsQuic hands to callbacks, as byte offsets: a `Type` (u32), and one of the members of a
 * union, here named after its event. Names are those of msquic.h. A `HQUIC` is a pointer, a
 * `BOOLEAN` a byte, a `QUIC_STATUS` a u32.
 */

/** `QUIC_LISTENER_EVENT`. */
export const ListenerEvent = {
  size: 24,
  Type: 0, // u32
  NEW_CONNECTION: {
    Info: 8, // pointer to a QUIC_NEW_CONNECTION_INFO
    Connection: 16, // HQUIC
  },
  STOP_COMPLETE: {
    AppCloseInProgress: { byte: 8, mask: 0x01 },
  },
  DOS_MODE_CHANGED: {
    DosModeEnabled: { byte: 8, mask: 0x01 },
  },
} as const;

/** `QUIC_CONNECTION_EVENT`. */
export const ConnectionEvent = {
  size: 56,
  Type: 0, // u32
  CONNECTED: {
    SessionResumed: 8, // BOOLEAN
    NegotiatedAlpnLength: 9, // u8
    NegotiatedAlpn: 16, // pointer
  },
  SHUTDOWN_INITIATED_BY_TRANSPORT: {
    Status: 8, // QUIC_STATUS
    ErrorCode: 16, // u64, a QUIC transport error code
  },
  SHUTDOWN_INITIATED_BY_PEER: {
    ErrorCode: 8, // u64, the peer application's error code
  },
  SHUTDOWN_COMPLETE: {
    HandshakeCompleted: { byte: 8, mask: 0x01 },
    PeerAcknowledgedShutdown: { byte: 8, mask: 0x02 },
    AppCloseInProgress: { byte: 8, mask: 0x04 },
  },
  LOCAL_ADDRESS_CHANGED: {
    Address: 8, // pointer to a QUIC_ADDR
  },
  PEER_ADDRESS_CHANGED: {
    Address: 8, // pointer to a QUIC_ADDR
  },
  PEER_STREAM_STARTED: {
    Stream: 8, // HQUIC
    Flags: 16, // u32, StreamOpenFlags
  },
  STREAMS_AVAILABLE: {
    BidirectionalCount: 8, // u16
    UnidirectionalCount: 10, // u16
  },
  PEER_NEEDS_STREAMS: {
    Bidirectional: 8, // BOOLEAN
  },
  IDEAL_PROCESSOR_CHANGED: {
    IdealProcessor: 8, // u16
    PartitionIndex: 10, // u16
  },
  DATAGRAM_STATE_CHANGED: {
    SendEnabled: 8, // BOOLEAN
    MaxSendLength: 10, // u16
  },
  DATAGRAM_RECEIVED: {
    Buffer: 8, // pointer to a QUIC_BUFFER
    Flags: 16, // u32, ReceiveFlags
  },
  DATAGRAM_SEND_STATE_CHANGED: {
    ClientContext: 8, // pointer, as given to DatagramSend
    State: 16, // u32, DatagramSendState
  },
  RESUMED: {
    ResumptionStateLength: 8, // u16
    ResumptionState: 16, // pointer
  },
  RESUMPTION_TICKET_RECEIVED: {
    ResumptionTicketLength: 8, // u32
    ResumptionTicket: 16, // pointer
  },
  PEER_CERTIFICATE_RECEIVED: {
    Certificate: 8, // pointer; with portable certificates, to a QUIC_BUFFER with the DER
    DeferredErrorFlags: 16, // u32
    DeferredStatus: 20, // QUIC_STATUS
    Chain: 24, // pointer; with portable certificates, to a QUIC_BUFFER with the PKCS #7
  },
  NETWORK_STATISTICS: {
    BytesInFlight: 8, // u32
    PostedBytes: 16, // u64
    IdealBytes: 24, // u64
    SmoothedRTT: 32, // u64, microseconds
    CongestionWindow: 40, // u32
    Bandwidth: 48, // u64
  },
} as const;

/** `QUIC_STREAM_EVENT`. */
export const StreamEvent = {
  size: 40,
  Type: 0, // u32
  START_COMPLETE: {
    Status: 8, // QUIC_STATUS
    ID: 16, // u64
    PeerAccepted: { byte: 24, mask: 0x01 },
  },
  RECEIVE: {
    AbsoluteOffset: 8, // u64
    TotalBufferLength: 16, // u64, in and out
    Buffers: 24, // pointer to BufferCount QUIC_BUFFERs
    BufferCount: 32, // u32
    Flags: 36, // u32, ReceiveFlags
  },
  SEND_COMPLETE: {
    Canceled: 8, // BOOLEAN
    ClientContext: 16, // pointer, as given to StreamSend
  },
  PEER_SEND_ABORTED: {
    ErrorCode: 8, // u64
  },
  PEER_RECEIVE_ABORTED: {
    ErrorCode: 8, // u64
  },
  SEND_SHUTDOWN_COMPLETE: {
    Graceful: 8, // BOOLEAN
  },
  SHUTDOWN_COMPLETE: {
    ConnectionShutdown: 8, // BOOLEAN
    AppCloseInProgress: { byte: 9, mask: 0x01 },
    ConnectionShutdownByApp: { byte: 9, mask: 0x02 },
    ConnectionClosedRemotely: { byte: 9, mask: 0x04 },
    ConnectionErrorCode: 16, // u64
    ConnectionCloseStatus: 24, // QUIC_STATUS
  },
  IDEAL_SEND_BUFFER_SIZE: {
    ByteCount: 8, // u64
  },
  CANCEL_ON_LOSS: {
    ErrorCode: 8, // u64, out
  },
} as const;

/** What a transfer has waited for on this side, in milliseconds; whoever moves the bytes adds to it. */
export interface TransferTimes {
  /** For the disk, while nothing else was to be done. */
  diskMs: number;
  /** For the SHA-256. */
  hashMs: number;
  /** For the other side, or the network between: until there was room to send, or something had arrived. */
  peerMs: number;
}

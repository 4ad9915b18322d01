/** What a channel needs of a doorbell: see `Doorbell` in ffi. */
export interface Bell {
  ring(): void;
  wait(): Promise<void>;
}

/** The rings of one direction. */
export interface Rings<Ring> {
  /** What overtakes everything else: read first, and never full of anything else. */
  readonly urgent: Ring;
  readonly ordinary: Ring;
}

/** One platform's way of waking a process; what {@linkcode Doorbell} is made of. */
export interface Bell {
  ring(): void;
  /** Takes a ring that is there, without waiting. */
  take(): boolean;
  /** Sleeps on another thread; whether it took a ring (it may wake without one). */
  park(): Promise<boolean>;
  /** Gives everything back. Nothing is parked any more. */
  close(): void;
}

/** One platform's way of waking a process; what {@linkcode Doorbell} is made of. */
export interface Bell {
  ring(): void;
  /** Takes a ring that is there, without waiting. */
  take(): boolean;
  /** Sleeps without keeping this thread busy; whether it took a ring (it may wake without one). */
  park(): Promise<boolean>;
  /** Gives everything back; resolves when nothing is left of it. Nothing is parked any more. */
  close(): Promise<void>;
}

/** A process that lives on when this one and its terminal are gone. */
export interface BackgroundProcess {
  /** `undefined` if it could not be started. */
  readonly pid: number | undefined;
  readonly ended: boolean;
  /** `undefined` while it runs, and if it was killed. */
  readonly exitCode: number | undefined;
  /** Ends it; on Windows, which has no way of asking, at once. Its own children end with it. */
  stop(): Promise<void>;
}

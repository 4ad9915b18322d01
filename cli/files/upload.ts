/** A local file that is to be copied to a server, or something that cannot be. */
export interface Upload {
  path: string;
  /** Its name on the server. */
  name: string;
  size: number;
  /** When it was last modified, in milliseconds since 1970-01-01 UTC. */
  mtime?: number | undefined;
  /** Why it cannot be copied. */
  problem?: unknown;
}

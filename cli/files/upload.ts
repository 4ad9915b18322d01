import type { FileInfo } from "../../client/mod.ts";

/** A local file that is to be copied to a server, or something that cannot be. */
export interface Upload {
  path: string;
  /** Its name on the server. */
  name: string;
  size: number;
  /** It is a directory with nothing in it. */
  directory?: true;
  /** When it was last modified, in milliseconds since 1970-01-01 UTC. */
  mtime?: number | undefined;
  /** What the server has under its name, where that was asked. */
  there?: FileInfo | "nothing";
  /** It can be read once, and nobody knows how much it is: standard input, or a pipe. */
  pipe?: boolean;
  /** Why it cannot be copied. */
  problem?: unknown;
}

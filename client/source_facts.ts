/** What goes with a file's bytes. */
export interface SourceFacts {
  /** Time of last modification, in milliseconds since 1970-01-01 UTC. */
  readonly mtime?: number;
  /** Who may read, write and execute it, where the system has such a thing. */
  readonly mode?: number;
}

/** What goes with the bytes of a file here. */
export function factsOf({ mtime, mode }: Deno.FileInfo): SourceFacts {
  return {
    ...(mtime === null ? {} : { mtime: mtime.getTime() }),
    // Windows has nothing like it; what the runtime makes up is not to be kept.
    ...(mode === null || Deno.build.os === "windows" ? {} : { mode: mode & 0o777 }),
  };
}

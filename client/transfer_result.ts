/** How the transfer of one file went; what `put --json` and `get --json` print. */
export interface TransferResult extends Moved {
  /** The server, as `HOST:PORT`. */
  server: string;
}

/** How the transfer of one file went, from the point of view of a connection. */
export interface Moved {
  /** Name on the server. */
  name: string;
  /** Size of the file. */
  bytes: number;
  /** Of the file's bytes, as 64 lower-case hexadecimal digits. */
  sha256: string;
  /** Duration in milliseconds. */
  ms: number;
  /** Bytes that an earlier attempt had moved. */
  resumedFrom: number;
  /** Streams that were used side by side. */
  streams: number;
  /** The local file was changed while it was sent: what is stored may be part old, part new. */
  changed?: true;
}

/** A transfer on one stream, from the first byte that was missing to the last. */
export function transferResult(
  name: string,
  bytes: number,
  sha256: string,
  ms: number,
  resumedFrom = 0,
): Moved {
  return { name, bytes, sha256, ms: Math.round(ms), resumedFrom, streams: 1 };
}

/** How a client may have the bytes of files compressed, on the way to a server and back. */
export const COMPRESSION_MODES = ["auto", "zstd", "none"] as const;

/**
 * `auto` compresses what becomes smaller where the path is slower than the compressor; `zstd` all that becomes
 * smaller, whatever the path; `none` nothing.
 */
export type CompressionMode = typeof COMPRESSION_MODES[number];

/** What holds where nothing is said; docs/performance.md has what it was chosen by. */
export const DEFAULT_COMPRESSION: CompressionMode = "auto";

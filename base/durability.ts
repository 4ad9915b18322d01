/**
 * What is flushed to the disk before an upload is acknowledged: nothing, the file, or the file and the
 * directories that lead to it.
 */
export const DURABILITIES = ["none", "file", "full"] as const;

/** What is flushed. */
export type Durability = (typeof DURABILITIES)[number];

/** Where nothing is said. */
export const DEFAULT_DURABILITY: Durability = "full";

/**
 * From this size on, in bytes, a file has its room reserved, and an upload that was interrupted is kept: less is
 * as soon sent again.
 */
export const RESUMABLE_SIZE = 1024 * 1024;

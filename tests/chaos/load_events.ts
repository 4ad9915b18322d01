/** What a load says on its standard output, one JSON text per line. */
export type LoadEvent =
  /** An upload has been begun. */
  | { type: "upload"; name: string; size: number; sha256: string }
  /** It was acknowledged; `inode` is that of the file at that moment. */
  | { type: "acknowledged"; name: string; inode: number | null }
  /** It was refused, or given up. */
  | { type: "upload-lost"; name: string; error: string }
  /** So many requests have been answered, with so many bytes, since the last time. */
  | { type: "answered"; requests: number; bytes: number; slowestMs: number }
  /** One has not been, or wrongly. */
  | { type: "request-lost"; error: string };

export function emit(event: LoadEvent): void {
  console.log(JSON.stringify(event));
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? ` (${error.code})` : "";
  return `${error.name}${code}: ${error.message}`;
}

/** Something that making an executable takes is missing or wrong; the message says how to mend it. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly code = "compile-failed";
}

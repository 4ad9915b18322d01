/** What a thread is told. */
export type ToThread =
  | {
    readonly type: "begin";
    /** One word: the job that nobody waits for any more. */
    readonly cancelled: Int32Array<SharedArrayBuffer>;
  }
  | {
    readonly type: "run";
    readonly id: number;
    readonly name: string;
    readonly module: string;
    readonly input: unknown;
    /** How long it may compute without a wait, in milliseconds, until it is broken off. */
    readonly breakMs: number;
  }
  | { readonly type: "cancel"; readonly id: number };

/** What a thread says: how a job has ended. */
export type FromThread =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: PlainError };

/** What is left of an error between threads. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
}

/** What another thread keeps of what was thrown. */
export function plainError(thrown: unknown): PlainError {
  if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown) };
  const { name, message, stack } = thrown;
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ..."code" in thrown && typeof thrown.code === "string" ? { code: thrown.code } : {},
  };
}

/** An error again. */
export function errorFrom({ name, message, stack, code }: PlainError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}

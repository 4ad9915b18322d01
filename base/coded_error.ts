/**
 * An error that programs tell by its `code`, and people by its message. A kind of it is a class with a code
 * of its own:
 *
 * ```ts
 * export class AddressError extends CodedError {
 *   readonly code = "invalid-address";
 * }
 * ```
 */
export abstract class CodedError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A kind of error that has one of several codes. */
export abstract class CodedErrorOf<Code extends string> extends CodedError {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

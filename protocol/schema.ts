import { ProtocolError } from "./errors.ts";

/**
 * What says how a body has to be, and checks one: a schema of valibot, or of any other library that keeps
 * to Standard Schema (https://standardschema.dev, version 1). Nothing of the library is needed here.
 */
export interface Schema<Output = unknown, Input = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema makes of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What a schema finds fault with. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What comes of a body that a schema has checked. */
export type OutputOf<Given> = Given extends Schema<infer Output, unknown> ? Output : never;

/**
 * Makes a body's check of its schema.
 *
 * @returns A function that throws {@linkcode ProtocolError} `bad-body`, naming the field.
 */
export function schemaCheck<Output>(schema: Schema<Output>): (body: unknown) => Output {
  const { validate } = schema["~standard"];
  return (body) => {
    const result = validate(body);
    if (result instanceof Promise) {
      throw new TypeError("Cannot check a message with a schema that has to wait");
    }
    const issue = result.issues?.[0];
    if (issue !== undefined) throw refusal(issue);
    return (result as { value: Output }).value;
  };
}

function refusal({ message, path = [] }: SchemaIssue): ProtocolError {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  const subject = keys.length === 0 ? "Message body" : `Field "${keys.join(".")}"`;
  return new ProtocolError("bad-body", `${subject} is wrong: ${message}`);
}

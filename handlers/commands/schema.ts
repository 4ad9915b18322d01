import type * as v from "valibot";
import { CodedError } from "../../base/mod.ts";

/** The library that checks results: loaded when the first one is checked, and handed to schemas. */
export type Valibot = typeof v;

/** What a result looks like. */
export type Schema<Value> = (v: Valibot) => v.GenericSchema<Value>;

/**
 * Makes the schema of a type. The compiler compares the two both ways: a schema that would refuse a
 * value of the type, as one without a field's `null` would, does not compile.
 */
export function schemaOf<Value>(): <S extends v.GenericSchema<Value>>(
  make: (v: Valibot) => S,
  ...exact: [Value] extends [v.InferOutput<S>] ? [] : [problem: "It refuses values of the type"]
) => Schema<Value> {
  return (make, ..._exact) => make;
}

/** The answer to a command is not what its definition says. */
export class UnexpectedResultError extends CodedError {
  readonly code = "control-failed";

  /** @param field What in it is not as it is to be; all of it, if not given. */
  constructor(command: string, field: string | null = null) {
    const what = field ?? "it";
    super(
      `Cannot understand the answer to ${command}: ${what} is not what it should be; ` +
        "the manager may be of another version: end it, and start it again",
    );
  }
}

/** Loads what results are checked with; by and by, where there is time to do so before it is needed. */
export function loadChecker(): Promise<Valibot> {
  return import("valibot");
}

/**
 * Checks what a command answered. Fields that the schema does not know are left as they are: a newer
 * manager may have more to tell.
 *
 * @throws {UnexpectedResultError} If something in it is missing, or of another kind.
 */
export async function checkResult<Value>(
  command: { readonly name: string; readonly result: Schema<Value> },
  value: unknown,
): Promise<Value> {
  const v = await loadChecker();
  const schema = command.result(v);
  if (v.is(schema, value)) return value;
  const [issue] = v.safeParse(schema, value, { abortEarly: true }).issues ?? [];
  throw new UnexpectedResultError(command.name, issue && v.getDotPath(issue));
}

import { API_FUNCTIONS, type ApiFunction } from "../../../ffi/msquic/abi/mod.ts";
import { API_SIGNATURES } from "../../../ffi/msquic/api.ts";
import type { ValueCheck } from "./check.ts";
import { API_PROTOTYPES, CALLBACK_PROTOTYPES, type Prototype } from "./prototypes.ts";

const CALL_SIZES: Partial<Record<Deno.NativeResultType & string, number>> = {
  void: 0,
  bool: 1,
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  pointer: 8,
  buffer: 8,
  function: 8,
};

/** The place of every function in `QUIC_API_TABLE`, and the size of the table. */
export function apiTableChecks(): ValueCheck[] {
  const places = API_FUNCTIONS.map((name, index) => ({
    label: `place of ${name} in QUIC_API_TABLE`,
    expression: `offsetof(QUIC_API_TABLE, ${name}) / sizeof(void*)`,
    expected: index,
  }));
  const count = {
    label: "functions in QUIC_API_TABLE",
    expression: "sizeof(QUIC_API_TABLE) / sizeof(void*)",
    expected: API_FUNCTIONS.length,
  };
  return [count, ...places];
}

/**
 * That the C prototypes of all functions and callbacks are those in `prototypes.ts`, and that each
 * parameter of a function that is called is passed in the size that its prototype has.
 */
export function callChecks(): ValueCheck[] {
  return [
    ...Object.entries(API_PROTOTYPES).map(([name, prototype]) =>
      prototypeCheck(name, `__typeof__(((QUIC_API_TABLE*)0)->${name})`, prototype)
    ),
    ...Object.entries(CALLBACK_PROTOTYPES).map(([name, prototype]) =>
      prototypeCheck(name, `${name}*`, prototype)
    ),
    ...Object.entries(API_SIGNATURES).flatMap(([name, signature]) =>
      sizeChecks(name, signature, API_PROTOTYPES[name as ApiFunction])
    ),
  ];
}

function prototypeCheck(
  name: string,
  actual: string,
  { result, parameters }: Prototype,
): ValueCheck {
  const expected = `${result} (QUIC_API*)(${parameters.join(", ")})`;
  return {
    label: `whether ${name} is a ${expected}`,
    expression: `__builtin_types_compatible_p(${actual}, ${expected})`,
    expected: 1,
  };
}

function sizeChecks(
  name: string,
  signature: Deno.ForeignFunction,
  { result, parameters }: Prototype,
): ValueCheck[] {
  const ours = [signature.result, ...signature.parameters];
  const theirs = [result, ...parameters];
  if (ours.length !== theirs.length) {
    throw new RangeError(
      `${name} takes ${parameters.length} parameters, and is called with ${ours.length - 1}`,
    );
  }
  return ours.map((type, index) => {
    const cType = theirs[index];
    const what = index === 0 ? "result" : `parameter ${index}`;
    return {
      label: `size of ${what} of ${name}, ${cType}, called as ${JSON.stringify(type)}`,
      expression: cType === "void" ? "0" : `sizeof(${cType})`,
      expected: sizeOf(type),
    };
  });
}

/** A struct is passed by its fields here: none has padding. */
function sizeOf(type: Deno.NativeResultType): number {
  if (typeof type === "string") return CALL_SIZES[type] ?? -1;
  return type.struct.reduce((sum, field) => sum + sizeOf(field), 0);
}

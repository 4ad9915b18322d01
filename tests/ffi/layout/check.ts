import type { BitField } from "../../../ffi/msquic/abi/mod.ts";

/** A constant expression of C, and the value that the tables of `ffi/msquic/abi/` give it. */
export interface ValueCheck {
  readonly label: string;
  readonly expression: string;
  readonly expected: number;
}

/** A bit-field of a struct, set to all ones, and the bits that are to be set then. */
export interface BitCheck extends BitField {
  readonly label: string;
  readonly struct: string;
  readonly member: string;
}

/** The systems whose headers can be checked against. */
export type LayoutPlatform = keyof typeof import("../../../ffi/msquic/abi/mod.ts").PLATFORM_LAYOUTS;

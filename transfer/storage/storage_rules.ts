import { counted } from "../../base/counted.ts";
import { namePattern } from "../../base/name_pattern.ts";
import { ProtocolError } from "../../protocol/errors.ts";

/** How many patterns of the names that are allowed are named to who is refused. */
const NAMED = 5;

/** What a storage takes. */
export interface StorageRules {
  /** How large a file may be, in bytes; as large as there is room for, by default. */
  readonly maxFileBytes?: number | undefined;
  /** Patterns of the names that files may have: one has to match; by default any name may be used. */
  readonly allowedNames?: readonly string[] | undefined;
}

/** Checks what is to be stored, in whichever way. */
export class StorageCheck {
  readonly #maxFileBytes: number;
  readonly #patterns: readonly string[];
  readonly #names: readonly RegExp[];

  constructor({ maxFileBytes = Infinity, allowedNames = [] }: StorageRules = {}) {
    this.#maxFileBytes = maxFileBytes;
    this.#patterns = allowedNames;
    this.#names = allowedNames.map(namePattern);
  }

  /** Whether not every name may be used. */
  get narrowsNames(): boolean {
    return this.#names.length > 0;
  }

  /** @throws {ProtocolError} `permission-denied`: no file of the storage may have that name. */
  checkName(name: string): void {
    if (this.#names.length === 0 || this.#names.some((pattern) => pattern.test(name))) return;
    const named = this.#patterns.slice(0, NAMED).join(", ");
    const more = this.#patterns.length > NAMED ? " and others" : "";
    throw new ProtocolError(
      "permission-denied",
      `Server stores no file called "${name}", but only ${named}${more}`,
    );
  }

  /** @throws {ProtocolError} `file-too-large`. */
  checkSize(bytes: number): void {
    if (bytes <= this.#maxFileBytes) return;
    throw new ProtocolError(
      "file-too-large",
      `Server stores files of up to ${
        counted(this.#maxFileBytes, "byte")
      }, and this one has ${bytes}`,
    );
  }
}

/** The right to call a shared native library; the last one to be disposed closes the library. */
export interface LibraryLease<Symbols extends Deno.ForeignLibraryInterface> extends Disposable {
  readonly symbols: Deno.DynamicLibrary<Symbols>["symbols"];
}

/**
 * A native library opened with its first lease and closed with its last.
 *
 * Nothing is loaded on import, users share one set of trampolines, and a program that has closed
 * everything holds no library open.
 */
export class NativeLibrary<Symbols extends Deno.ForeignLibraryInterface> {
  readonly #open: () => Deno.DynamicLibrary<Symbols>;
  #library: Deno.DynamicLibrary<Symbols> | undefined;
  #leases = 0;

  constructor(open: () => Deno.DynamicLibrary<Symbols>) {
    this.#open = open;
  }

  /** Opens the library unless it is open, and keeps it open until the lease is disposed. */
  lease(): LibraryLease<Symbols> {
    const library = this.#library ??= this.#open();
    this.#leases++;
    let released = false;
    return {
      symbols: library.symbols,
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        this.#release();
      },
    };
  }

  #release(): void {
    if (--this.#leases > 0) return;
    this.#library?.close();
    this.#library = undefined;
  }
}

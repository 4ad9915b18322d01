/** Functions by name, as `Deno.dlopen` would give them. */
export type Callable<Signatures extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<
  Signatures
>["symbols"];

/** Functions that are known by their address alone. */
export type Addresses<Signatures> = Readonly<Record<keyof Signatures & string, bigint>>;

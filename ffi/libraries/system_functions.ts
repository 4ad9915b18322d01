/** Functions of a system library, by name. */
export type SystemFunctions<Definitions extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<
  Definitions
>["symbols"];

/**
 * The functions of a system library: each is loaded when it is first asked for, and kept until the
 * process exits.
 *
 * To load one takes 0.2 ms, in which machine code is made for its calls, alone or together with others:
 * so a process pays for what it calls, once.
 *
 * @param paths The library, and where else to look for what it does not have.
 * @param onFirst Told before the first function is given away, and so before any can have failed.
 */
export function systemFunctions<Definitions extends Deno.ForeignLibraryInterface>(
  paths: readonly [string, ...string[]],
  definitions: Definitions,
  onFirst: (functions: SystemFunctions<Definitions>) => void,
): SystemFunctions<Definitions> {
  const functions = {};
  const all = functions as SystemFunctions<Definitions>;
  let first = true;
  for (const [name, definition] of Object.entries(definitions)) {
    const get = () => {
      const value = load(paths, name, definition);
      // In place of this: what is called often is a plain property, and costs no more than a call does.
      Object.defineProperty(functions, name, { value, enumerable: true });
      if (first) {
        first = false;
        onFirst(all);
      }
      return value;
    };
    Object.defineProperty(functions, name, { get, enumerable: true, configurable: true });
  }
  return all;
}

function load(
  [path, ...others]: readonly [string, ...string[]],
  name: string,
  definition: Deno.ForeignFunction | Deno.ForeignStatic,
): unknown {
  try {
    return Deno.dlopen(path, { [name]: definition }).symbols[name];
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined) throw error;
    return load([next, ...rest], name, definition);
  }
}

import { pathToFileURL } from "node:url";
import { isStrategy, type SpreadStrategy } from "../spread/strategy.ts";
import { inTime } from "./load.ts";
import { faultOf, SpreadModuleError } from "./module_error.ts";

/**
 * Loads a module that says what counts as load.
 *
 * @param path Absolute.
 * @throws {SpreadModuleError} It cannot be loaded, or has not what it should: with file, line where it is
 * known, and reason.
 */
export async function loadSpread(path: string): Promise<SpreadStrategy> {
  try {
    const { default: exported }: { default?: unknown } = await inTime(
      import(pathToFileURL(path).href),
    );
    if (isStrategy(exported)) return exported;
    throw new TypeError("what it exports by default has no function load() and no margin from 0");
  } catch (error) {
    throw new SpreadModuleError(path, faultOf(error, path));
  }
}

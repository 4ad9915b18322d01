/**
 * What every folder may use.
 *
 * @module
 */
export { commandLine, DEFAULT_INSTANCE } from "./command_line.ts";

import { pathToFileURL } from "node:url";
import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../../base/mod.ts";
import type {
  DefinedHooks,
  HandlerRegistry,
  HandlerToolkit,
  MessageHandler,
} from "../../handlers/messages/mod.ts";
import { handlerToolkit } from "../../handlers/messages/toolkit.ts";
import { FIRST_CUSTOM_TYPE } from "../../protocol/mod.ts";
import { faultOf, HandlerModuleError } from "./module_error.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How long a module may take to load and to make its handlers, in milliseconds. */
const LOAD_MS = 5000;

/**
 * Loads modules of handlers, and registers what they export by default; see `HandlerModule`.
 *
 * @param paths Absolute paths.
 * @returns The hooks that are among that.
 * @throws {HandlerModuleError} One cannot be loaded, or has not what it should: with file, line where it is
 * known, and reason.
 */
export async function loadHandlers(
  paths: readonly string[],
  registry: HandlerRegistry,
): Promise<readonly DefinedHooks[]> {
  if (paths.length === 0) return [];
  const all: DefinedHooks[] = [];
  const toolkit = await handlerToolkit();
  for (const path of paths) {
    try {
      const exported = await inTime(exportedBy(path, toolkit));
      const hooks = exported.filter(isHooks);
      const handlers = exported.filter((one): one is MessageHandler => !isHooks(one));
      for (const one of hooks) addHooks({ ...one, module: path }, all);
      for (const handler of handlers) register(handler, registry, path);
      const names = [
        ...handlers.map(({ name, type }) => `${name} (${type})`),
        ...hooks.map(({ name }) => `${name} (hooks)`),
      ];
      logger.info("Handlers of {path}: {names}", { path, names: names.join(", ") || "none" });
    } catch (error) {
      throw new HandlerModuleError(path, faultOf(error, path));
    }
  }
  return all;
}

function isHooks(one: MessageHandler | DefinedHooks): one is DefinedHooks {
  return (Object(one) as Partial<DefinedHooks>).isHooks === true;
}

function addHooks(hooks: DefinedHooks, all: DefinedHooks[]): void {
  if (all.some(({ name }) => name === hooks.name)) {
    throw new TypeError(`there are hooks "${hooks.name}" already`);
  }
  all.push(hooks);
}

async function exportedBy(
  path: string,
  toolkit: HandlerToolkit,
): Promise<readonly (MessageHandler | DefinedHooks)[]> {
  const module: { default?: unknown } = await import(pathToFileURL(path).href);
  const { default: exported } = module;
  const handlers = typeof exported === "function" ? await exported(toolkit) : exported;
  if (Array.isArray(handlers)) return handlers;
  throw new TypeError(
    typeof exported === "function"
      ? "the function that it exports by default returns no list of handlers"
      : "it exports no list of handlers by default, and no function that makes one",
  );
}

function register(handler: MessageHandler, registry: HandlerRegistry, path: string): void {
  const { type, name, handle } = Object(handler) as Partial<MessageHandler>;
  if (typeof type !== "number" || typeof name !== "string" || typeof handle !== "function") {
    throw new TypeError(
      "what it exports is no list of handlers: make each with defineHandler, or defineHooks",
    );
  }
  if (type < FIRST_CUSTOM_TYPE) {
    throw new TypeError(
      `handler "${name}" has the type ${type}; those of one's own begin with ${FIRST_CUSTOM_TYPE}`,
    );
  }
  registry.register(handler, path);
}

/** Waits for a module, but not for ever. */
export async function inTime<Value>(loading: Promise<Value>): Promise<Value> {
  if (await settlesWithin(loading, LOAD_MS)) return await loading;
  throw new TypeError(`it is not loaded within ${LOAD_MS} ms: what does it wait for?`);
}

import { getLogger } from "@logtape/logtape";
import { orAborted } from "../../base/mod.ts";
import { HOOK_DEADLINE_MS, type HookName } from "../../base/hook_settings.ts";
import type {
  CompletedUpload,
  DefinedHooks,
  DoomedFile,
  HookClient,
  HookContext,
  StartedUpload,
  StorageHooks,
} from "../../handlers/messages/mod.ts";
import { parseFileName, ProtocolError } from "../../protocol/mod.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import { definitionPlace, faultOf } from "../own_handlers/module_error.ts";

const logger = getLogger(["msquicd", "worker"]);

/** For how long a hook may keep everything else waiting before that is said, in milliseconds. */
const BLOCKED_MS = 100;

/** What hooks are run with. */
export interface HookServices {
  readonly tasks: Tasks;
  /** How long one may take that does not say, in milliseconds; 30,000 by default. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Asks hooks, in the order in which they are given. What goes wrong in one costs the file that it was asked
 * about, and nothing else.
 */
export function hookRunner(
  hooks: readonly DefinedHooks[],
  services: HookServices,
): StorageHooks {
  const those = (name: HookName) => hooks.filter((one) => one[name] !== undefined);
  const [starts, completes, deletes] = [
    those("onUploadStart"),
    those("onUploadComplete"),
    those("onDelete"),
  ];
  return {
    ...(starts.length === 0 ? {} : {
      async onUploadStart(upload: StartedUpload, client: HookClient): Promise<string> {
        let { name } = upload;
        for (const one of starts) {
          const asked = new Asked(one, "onUploadStart", name, client, services);
          const subject = { ...upload, name };
          name = asked.nameIn(await asked.run((context) => one.onUploadStart?.(subject, context)));
        }
        return name;
      },
    }),
    ...(completes.length === 0 ? {} : {
      async onUploadComplete(upload: CompletedUpload, client: HookClient): Promise<void> {
        for (const one of completes) {
          const asked = new Asked(one, "onUploadComplete", upload.name, client, services);
          await asked.run((context) => one.onUploadComplete?.(upload, context));
        }
      },
    }),
    ...(deletes.length === 0 ? {} : {
      async onDelete(file: DoomedFile, client: HookClient): Promise<void> {
        for (const one of deletes) {
          const asked = new Asked(one, "onDelete", file.name, client, services);
          await asked.run((context) => one.onDelete?.(file, context));
        }
      },
    }),
  };
}

/** One hook that is asked about one file. */
class Asked {
  readonly #hooks: DefinedHooks;
  readonly #hook: HookName;
  readonly #file: string;
  readonly #client: HookClient;
  readonly #services: HookServices;

  constructor(
    hooks: DefinedHooks,
    hook: HookName,
    file: string,
    client: HookClient,
    services: HookServices,
  ) {
    this.#hooks = hooks;
    this.#hook = hook;
    this.#file = file;
    this.#client = client;
    this.#services = services;
  }

  /** @throws {ProtocolError} It refuses, or has failed. @throws The signal's reason: the client has gone. */
  async run(ask: (context: HookContext) => unknown): Promise<unknown> {
    const { session, signal } = this.#client;
    const { deadlineMs = this.#services.deadlineMs ?? HOOK_DEADLINE_MS, name } = this.#hooks;
    const controller = new AbortController();
    const giveUp = () => controller.abort(signal.reason);
    const late = new DOMException(`it has taken longer than ${deadlineMs} ms`, "TimeoutError");
    signal.throwIfAborted();
    signal.addEventListener("abort", giveUp, { once: true });
    const timer = setTimeout(() => controller.abort(late), deadlineMs);
    try {
      const start = performance.now();
      const context = {
        ...{ session, signal: controller.signal, tasks: this.#services.tasks },
        logger: getLogger(["msquicd", "hooks", name]),
      };
      const returned = ask(context);
      this.#tellBlocked(performance.now() - start);
      return returned instanceof Promise ? await orAborted(returned, controller.signal) : returned;
    } catch (error) {
      signal.throwIfAborted();
      // What it says because it is late is no answer any more.
      throw error instanceof ProtocolError && !controller.signal.aborted
        ? error
        : this.#failure(controller.signal.aborted ? late : error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      // Nobody waits for what it still does.
      controller.abort(late);
    }
  }

  /** The name in what `onUploadStart` has returned. */
  nameIn(returned: unknown): string {
    if (returned === undefined || returned === null) return this.#file;
    const { name } = Object(returned) as { name?: unknown };
    if (typeof name !== "string") {
      throw this.#failure(new TypeError("it has returned something, and no name in it"));
    }
    try {
      parseFileName(name);
    } catch (error) {
      throw this.#unusable(error instanceof Error ? error.message : String(error));
    }
    return name;
  }

  /** It may be what the client's own name makes of it, so that the client is told as well. */
  #unusable(reason: string): ProtocolError {
    logger.error("Hook {hook} of {hooks} gives {file} a name that cannot be: {reason}", {
      ...{ hook: this.#hook, hooks: this.#hooks.name, file: this.#file, reason },
    });
    const by = `${this.#hook} of the server's "${this.#hooks.name}"`;
    return new ProtocolError(
      "invalid-name",
      `Cannot store "${this.#file}": ${by} gives it a name that cannot be: ${reason}`,
    );
  }

  #failure(error: unknown): ProtocolError {
    const defined = definitionPlace(this.#hooks.definedAt);
    const { reason, file = defined?.file, line = defined?.line } = faultOf(
      error,
      defined?.file ?? "",
    );
    const place = file === undefined ? "" : ` ("${file}", line ${line})`;
    logger.error("Hook {hook} of {hooks} has failed for {name}: {reason}{place}", {
      ...{ hook: this.#hook, hooks: this.#hooks.name, name: this.#file, reason, place },
    });
    return new ProtocolError(
      "hook-failed",
      `${this.#hook} of the server's "${this.#hooks.name}" has failed; its log says why`,
    );
  }

  #tellBlocked(ms: number): void {
    if (ms < BLOCKED_MS) return;
    logger.warning(
      "Hook {hook} of {hooks} has kept all clients waiting for {ms} ms: it computes without a pause",
      { hook: this.#hook, hooks: this.#hooks.name, ms: Math.round(ms) },
    );
  }
}

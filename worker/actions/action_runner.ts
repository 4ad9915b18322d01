import { getLogger } from "@logtape/logtape";
import {
  type ActionArgument,
  type ActionDefinition,
  type Actions,
  DEFAULT_ACTION_OUTPUT_BYTES,
  DEFAULT_ACTION_TIMEOUT_MS,
} from "../../base/action_definition.ts";
import { handedOver } from "../../base/handed_over.ts";
import { orAborted, settlesWithin } from "../../base/mod.ts";
import type { ProcessGroup } from "../../ffi/process/process_group.ts";
import { startGroup } from "../../ffi/process/start_group.ts";
import type { ActionClient, ActionServices } from "../../handlers/messages/mod.ts";
import {
  type ActionArgumentInfo,
  type ActionInfo,
  type ActionOutcome,
  type ActionOutput,
  ProtocolError,
  type RunningAction,
  type SystemActionRunRequest,
  wireErrorOf,
} from "../../protocol/mod.ts";
import { fillCommand, fillForFile } from "./action_arguments.ts";
import { Audit, type AuditedRun } from "./audit.ts";
import { actionDirectory, actionEnvironment } from "./environment.ts";
import { FirstLine, type HookRun, type HookVerdict } from "./hook_run.ts";
import { OutputGiver } from "./output_giver.ts";
import { runToEnd } from "./program_run.ts";

const logger = getLogger(["msquicd", "worker"]);

/** What a runner of actions is told. */
export interface ActionRunnerOptions {
  /** What may be run. */
  readonly actions: Actions;
  /** How many at once. */
  readonly limit: number;
  /** What the marks of all their processes begin with: nobody else's do. */
  readonly mark: string;
}

/** How long all of them may take to end when the worker leaves, in milliseconds. */
const LEAVE_MS = 1000;

/** Runs the actions that the operator has defined. */
export class ActionRunner implements ActionServices, AsyncDisposable {
  readonly #options: ActionRunnerOptions;
  readonly #audit = new Audit();
  readonly #leaving = new AbortController();
  /** Those that run, each until nothing is left of it. */
  readonly #running = new Map<Promise<void>, { run: AuditedRun; since: number }>();
  #runs = 0;

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
  }

  /** How many run. */
  get running(): number {
    return this.#running.size;
  }

  /** Which they are, the first that began first. */
  get underWay(): RunningAction[] {
    const now = performance.now();
    return Array.from(this.#running.values(), ({ run, since }) => ({
      ...{ name: run.action, session: run.session.id, ms: Math.round(now - since) },
    }));
  }

  /** Ends those that run, and lets no more begin. */
  leave(): void {
    this.#leaving.abort();
  }

  list({ session: { identity } }: Pick<ActionClient, "session">): ActionInfo[] {
    const allowed = Object.entries(this.#options.actions)
      .filter(([name]) => identity.allows(`action:${name}`));
    return allowed.map(([name, action]) => ({
      name,
      timeoutMs: action.timeoutMs ?? DEFAULT_ACTION_TIMEOUT_MS,
      arguments: Object.entries(action.arguments ?? {}).map(argumentInfo),
    }));
  }

  async run(
    request: SystemActionRunRequest,
    client: ActionClient,
  ): Promise<AsyncIterable<ActionOutput>> {
    const { name: action, arguments: given = {} } = request;
    const run: AuditedRun = { action, arguments: given, session: client.session };
    try {
      client.session.identity.check(`action:${action}`, "running this action");
      return await this.#start(run, client);
    } catch (error) {
      this.#audit.refused(run, wireErrorOf(error).message);
      throw error;
    }
  }

  /**
   * Runs an action for a hook, as soon as there is room for one more.
   *
   * @returns How it ended, and the first line that it wrote to its standard output.
   * @throws {ProtocolError} `too-many-actions`, `cannot-run`, `shutting-down`. @throws The signal's reason.
   */
  async runForHook(
    { action, name, path, environment, waitMs }: HookRun,
    { session, signal }: Pick<ActionClient, "session" | "signal">,
  ): Promise<HookVerdict> {
    const run: AuditedRun = { action, arguments: { file: name }, session };
    const definition = this.#options.actions[action];
    if (definition === undefined) throw new ProtocolError("no-action", "There is no such action");
    try {
      const until = performance.now() + waitMs;
      while (this.running >= this.#options.limit) await this.#oneIsOver(until, signal);
      this.#refuseLeaving();
      const command = fillForFile(definition, path);
      const group = this.#spawn(run, definition, command, environment);
      const output = new FirstLine();
      const giver = new OutputGiver((part) => output.take(part));
      const over = this.#finish(run, definition, group, [signal], giver);
      this.#running.set(over, { run, since: performance.now() });
      await over.finally(() => this.#running.delete(over));
      signal.throwIfAborted();
      return { ...output.outcome, said: output.text };
    } catch (error) {
      if (error instanceof ProtocolError) this.#audit.refused(run, error.message);
      throw error;
    }
  }

  /** Ends those that run, and waits until nothing is left of them, for a moment at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    await settlesWithin(Promise.allSettled(this.#running.keys()), LEAVE_MS);
    this.#audit[Symbol.dispose]();
  }

  async #start(
    run: AuditedRun,
    { storage, signal, session: { identity } }: ActionClient,
  ): Promise<AsyncIterable<ActionOutput>> {
    const { actions, limit } = this.#options;
    const definition = Object.hasOwn(actions, run.action) ? actions[run.action] : undefined;
    if (definition === undefined) {
      const names = Object.keys(actions);
      const there = names.length === 1
        ? `the only one is ${names[0]}`
        : `there are ${names.join(", ")}`;
      throw new ProtocolError("no-action", `There is no such action here; ${there}`);
    }
    const command = await fillCommand(definition, run.arguments, storage, identity);
    // What has been waited for may have changed all.
    signal.throwIfAborted();
    this.#refuseLeaving();
    if (this.running >= limit) throw tooMany(limit);
    const group = this.#spawn(run, definition, command);
    return handedOver((give, givenUp) => {
      const over = this.#finish(run, definition, group, [signal, givenUp], new OutputGiver(give));
      this.#running.set(over, { run, since: performance.now() });
      return over.finally(() => this.#running.delete(over));
    });
  }

  /** Waits until one of those that run is over. @throws {ProtocolError} `too-many-actions`: that takes too long. */
  async #oneIsOver(until: number, signal: AbortSignal): Promise<void> {
    const left = Math.max(0, until - performance.now());
    const over = Promise.race(this.#running.keys());
    if (!await orAborted(settlesWithin(over, left), signal)) throw tooMany(this.#options.limit);
  }

  #refuseLeaving(): void {
    if (!this.#leaving.signal.aborted) return;
    throw new ProtocolError("shutting-down", "Server is shutting down; use another, or later");
  }

  #spawn(
    run: AuditedRun,
    definition: ActionDefinition,
    command: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): ProcessGroup {
    const [program = "", ...args] = command;
    try {
      const group = startGroup(program, {
        args,
        cwd: definition.directory ?? actionDirectory(),
        env: { ...actionEnvironment(), ...environment },
        mark: `${this.#options.mark}${++this.#runs}`,
      });
      this.#audit.begun(run, group.child.pid);
      return group;
    } catch (error) {
      logger.error("Cannot run {program} of action {action}: {error}", {
        program,
        action: run.action,
        error,
      });
      throw new ProtocolError(
        "cannot-run",
        "Server cannot start the action's program; its log says why",
      );
    }
  }

  async #finish(
    run: AuditedRun,
    definition: ActionDefinition,
    group: ProcessGroup,
    signals: readonly AbortSignal[],
    output: OutputGiver,
  ): Promise<void> {
    using _output = output;
    const {
      timeoutMs = DEFAULT_ACTION_TIMEOUT_MS,
      maxOutputBytes = DEFAULT_ACTION_OUTPUT_BYTES,
    } = definition;
    const since = performance.now();
    const end = await runToEnd(group, {
      ...{ timeoutMs, maxOutputBytes, signals, leaving: this.#leaving.signal },
      onOutput: (stream, bytes) => output.put({ [stream]: bytes }),
    });
    const outcome: ActionOutcome = { ...end, ms: Math.round(performance.now() - since) };
    this.#audit.ended(run, outcome);
    // Nobody is there to hear of it.
    if (end.ended !== "cancelled") await output.put({ outcome });
  }
}

function tooMany(limit: number): ProtocolError {
  return new ProtocolError(
    "too-many-actions",
    `Server runs ${limit} actions already, and no more at once; try again later`,
  );
}

function argumentInfo([name, argument]: [string, ActionArgument]): ActionArgumentInfo {
  const base = { name, ...(argument.default === undefined ? {} : { default: argument.default }) };
  if ("choices" in argument) return { ...base, kind: "choice", choices: [...argument.choices] };
  if ("file" in argument) return { ...base, kind: "file" };
  const { min, max, integer = true } = argument;
  return { ...base, kind: "number", min, max, integer };
}

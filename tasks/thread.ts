/**
 * A thread of the pool: loads the modules of tasks, and does one job after the other.
 *
 * @module
 */
import { Script } from "node:vm";
import type { TaskContext, TaskDefinition } from "./definition.ts";
import { type FromThread, plainError, type ToThread } from "./thread_messages.ts";

const WORK: unique symbol = Symbol.for("msquicd.work");

/** Of a `Worker`'s global scope, what is used here. */
interface Scope {
  [WORK]?: () => unknown;
  postMessage(message: FromThread, transfer?: Transferable[]): void;
  onmessage: ((message: MessageEvent<ToThread>) => void) | null;
  close: () => void;
}

type Job = Extract<ToThread, { type: "run" }>;

/** Calls what is there, and can be broken off, since it is a script. */
const CALL = new Script('globalThis[Symbol.for("msquicd.work")]()');

const scope = globalThis as unknown as Scope;
/** The job under way. */
let current: { readonly id: number; readonly controller: AbortController } | undefined;
const definitions = new Map<string, Promise<TaskDefinition>>();
let cancelled: Int32Array<SharedArrayBuffer> | undefined;

// Nobody would hear of it: the job would be waited for until its deadline.
scope.close = refuseToEnd;
Deno.exit = refuseToEnd;

scope.onmessage = ({ data }) => {
  if (data.type === "begin") {
    cancelled = data.cancelled;
  } else if (data.type === "cancel") {
    if (current?.id === data.id) current.controller.abort();
  } else {
    void serve(data);
  }
};

async function serve(job: Job): Promise<void> {
  const { id, input, breakMs } = job;
  const handedOver: Transferable[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  current = { id, controller };
  const context: TaskContext = {
    signal,
    get cancelled() {
      return signal.aborted || (cancelled !== undefined && Atomics.load(cancelled, 0) === id);
    },
    handOver: (...memory) => void handedOver.push(...memory),
  };
  try {
    const { run } = await definitionOf(job);
    signal.throwIfAborted(); // while it was loaded
    scope[WORK] = () => run(input, context);
    const output = await CALL.runInThisContext({ timeout: Math.max(1, Math.ceil(breakMs)) });
    scope.postMessage({ id, output }, handedOver);
  } catch (error) {
    scope.postMessage({ id, error: plainError(error) });
  }
}

function definitionOf({ name, module }: Job): Promise<TaskDefinition> {
  const key = `${name} ${module}`;
  const known = definitions.get(key);
  if (known !== undefined) return known;
  const loading = load(name, module);
  definitions.set(key, loading);
  return loading;
}

async function load(name: string, module: string): Promise<TaskDefinition> {
  const { default: definition }: { default?: Partial<TaskDefinition> } = await import(module);
  if (definition?.name === name && typeof definition.run === "function") {
    return definition as TaskDefinition;
  }
  throw new TypeError(`The default export of ${module} is not the task ${name}`);
}

function refuseToEnd(): never {
  throw new Error("A task cannot end its thread: return, or throw");
}

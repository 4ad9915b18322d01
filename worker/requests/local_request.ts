import { getLogger } from "@logtape/logtape";
import { CodedError, orAborted } from "../../base/mod.ts";
import type {
  HandlerContext,
  HandlerLogger,
  MessageHandler,
  SessionInfo,
} from "../../handlers/messages/mod.ts";
import { FIRST_CUSTOM_TYPE, ProtocolError } from "../../protocol/mod.ts";
import { auditPart } from "./audited_request.ts";
import { checkEvent } from "../events/check_event.ts";
import { MANAGER } from "../rights/identity.ts";
import type { RequestServices } from "./dispatch.ts";

/** How long the answer may be, in characters of JSON: it goes through the shared memory. */
const MAX_ANSWER = 1024 * 1024;

/** A request that comes from the manager. */
export interface LocalRequest {
  /** The message's name, or its type. */
  readonly message: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What serving it takes. */
export type LocalServices = Pick<
  RequestServices,
  | "handlers"
  | "files"
  | "filesFor"
  | "storage"
  | "downloads"
  | "uploads"
  | "tasks"
  | "bounds"
  | "counters"
  | "events"
  | "refusals"
>;

/** A message is not for managers to send, or not its answer for them to take. */
export class NotSendableError extends CodedError {
  readonly code = "not-sendable";
}

/**
 * Serves a request that comes from the manager, as if a client had sent it. Only what tells of the worker,
 * and what somebody has added to it, is served: `system.…` and types from 0x8000 up.
 *
 * @param signal Ends it.
 * @returns The body of the answer, or those of a sequence, as JSON has them: bytes that are no text become
 * `{base64}`.
 * @throws {ProtocolError} `unknown-type`; or what the handler throws.
 * @throws {NotSendableError}
 */
export async function serveLocally(
  services: LocalServices,
  { message, body }: LocalRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const handler = findHandler(services, message);
  const session = new ManagerSession(signal);
  const bounds = services.bounds.of(handler);
  bounds?.enter(session);
  try {
    services.bounds.note(handler);
    const context = contextOf(services, handler, session, body, signal);
    return await orAborted(answerOf(handler, context), signal);
  } finally {
    bounds?.leave(session);
    session.end();
  }
}

function findHandler({ handlers }: LocalServices, message: string): MessageHandler {
  const type = /^(?:0x[0-9a-f]{1,4}|\d{1,5})$/i.test(message) ? Number(message) : undefined;
  const handler = Array.from(handlers).find((one) => one.name === message || one.type === type);
  if (handler === undefined) {
    throw new ProtocolError("unknown-type", "The worker has nothing for a message of that name");
  }
  if (handler.name.startsWith("system.") || handler.type >= FIRST_CUSTOM_TYPE) return handler;
  throw new NotSendableError(
    `Cannot send ${handler.name}: only system messages, and those of one's own; use a client`,
  );
}

/** In the place of a client's. */
class ManagerSession implements SessionInfo {
  readonly id = "manager";
  readonly peer = "this machine";
  readonly since: number = Date.now();
  readonly agent = "send";
  readonly identity = MANAGER;
  readonly #over = Promise.withResolvers<void>();
  readonly over: Promise<void> = this.#over.promise;

  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.end(), { once: true });
  }

  end(): void {
    this.#over.resolve();
  }
}

async function answerOf(handler: MessageHandler, context: HandlerContext): Promise<unknown> {
  const answer = await handler.handle(context);
  if (handler.sequence === true) {
    return await allOf(answer as AsyncIterable<unknown>, handler, context.signal);
  }
  handler.checkAnswer?.(answer);
  return checked(plain(answer));
}

function contextOf(
  services: LocalServices,
  { name }: MessageHandler,
  session: SessionInfo,
  body: unknown,
  signal: AbortSignal,
): HandlerContext {
  const { storage, downloads, uploads, tasks, counters, events, refusals } = services;
  const auditChange = (event: string, target: string, error?: unknown) =>
    auditPart(event, target, session, refusals, error);
  const files = services.filesFor?.({ session, signal, storage, auditChange }) ?? services.files;
  return {
    ...{ body, data: undefined, session, files, storage, downloads, uploads, tasks, signal },
    // The manager's own deadline ends it, by the signal.
    remainingMs: Infinity,
    get logger(): HandlerLogger {
      return getLogger(["msquicd", "handlers", name]);
    },
    replyWithData() {
      throw new NotSendableError(
        `Cannot show the answer to ${name}: it has raw bytes; use a client`,
      );
    },
    publish(topic, body) {
      checkEvent(topic, body);
      events.publish(topic, () => body);
    },
    subscribe: (topics, options) => events.subscribe(topics, signal, options),
    auditChange,
    beginTransfer() {
      counters.add("transfers", 1);
      counters.add("transfersTotal", 1);
      return {
        progress() {},
        settle() {},
        [Symbol.dispose]: () => counters.add("transfers", -1),
      };
    },
  };
}

async function allOf(
  answers: AsyncIterable<unknown>,
  handler: MessageHandler,
  signal: AbortSignal,
): Promise<unknown[]> {
  const all: unknown[] = [];
  let length = 0;
  for await (const answer of answers) {
    signal.throwIfAborted();
    handler.checkAnswer?.(answer);
    const value = plain(answer);
    length += JSON.stringify(value).length;
    if (length > MAX_ANSWER) throw tooLong();
    all.push(value);
  }
  return all;
}

function checked(value: unknown): unknown {
  if (JSON.stringify(value).length > MAX_ANSWER) throw tooLong();
  return value;
}

function tooLong(): NotSendableError {
  return new NotSendableError("The answer is too long to be shown here; use a client");
}

/** A body as JSON has it. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return textOf(value) ?? { base64: value.toBase64() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, plain(item)]),
  );
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

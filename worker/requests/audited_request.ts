import type { MessageHandler, SessionInfo } from "../../handlers/messages/mod.ts";
import { audit, hasAuditFile, LineLimit } from "../../log/mod.ts";
import { type Message, rightsOf, wireErrorOf } from "../../protocol/mod.ts";
import type { HandlerRegistry } from "../../handlers/messages/mod.ts";

/** Who asks, and who could answer. */
interface AskingSession extends SessionInfo {
  readonly services: { readonly handlers: HandlerRegistry; readonly refusals: LineLimit };
}

/** What a request was refused for that somebody should know of: who may what, and how much. */
const REFUSALS: ReadonlySet<string> = new Set([
  "permission-denied",
  "too-many-requests",
  "limit-reached",
  "quota-exceeded",
  "refused",
]);

/** With a right to change something: two change nothing that anybody sees, one tells of each file by itself. */
const NO_CHANGE = new Set(["file.resume", "file.put_many", "file.put_chunks"]);

/**
 * So many refusals are written down one by one in ten seconds: whoever makes them must not push all else out of
 * the file.
 */
const REFUSALS_APART = 20;

/** What bounds the refusals of a server in the audit; disposed of, it says how many are not there. */
export function newRefusalLimit(): LineLimit {
  return new LineLimit({
    lines: REFUSALS_APART,
    report: (rest, count) =>
      audit({ event: "requests.refused", result: "refused", count }, `Requests refused, ${rest}`),
  });
}

/** Writes down that a request has changed something. Costs next to nothing where it is not to be. */
export function auditDone(
  handler: MessageHandler,
  message: Message,
  session: SessionInfo,
): void {
  if (hasAuditFile() && changesThings(handler)) {
    audit({ event: handler.name, result: "ok", ...whoAsks(session), ...targetOf(message) });
  }
}

/** Writes down that a request was refused, or has failed to change something. */
export function auditFailure(
  error: unknown,
  type: number,
  message: Message | undefined,
  session: AskingSession,
): void {
  const { code } = wireErrorOf(error);
  const handler = session.services.handlers.find(type);
  const change = hasAuditFile() && handler !== undefined && changesThings(handler);
  if (!REFUSALS.has(code) && !change) return;
  if (!session.services.refusals.admit()) return;
  const event = handler?.name ?? `message ${type}`;
  audit(
    { event, result: code, ...whoAsks(session), ...targetOf(message) },
    "{event} is refused to {kind} {identity}, {peer}, session {session}: {result}",
  );
}

/** Writes down that one of the things that a request is about was changed, or why it was not. */
export function auditPart(
  event: string,
  target: string,
  session: SessionInfo,
  refusals: LineLimit,
  error?: unknown,
): void {
  if (!hasAuditFile()) return;
  if (error === undefined) return audit({ event, result: "ok", ...whoAsks(session), target });
  const { code: result } = wireErrorOf(error);
  if (refusals.admit()) audit({ event, result, ...whoAsks(session), target });
}

/** Writes down that a client has gone before it knew whether what it asked for was changed. */
export function auditGone(
  type: number,
  message: Message | undefined,
  session: AskingSession,
): void {
  if (!hasAuditFile()) return;
  const handler = session.services.handlers.find(type);
  if (handler === undefined || message === undefined || !changesThings(handler)) return;
  const result = "client-gone";
  audit({ event: handler.name, result, ...whoAsks(session), ...targetOf(message) });
}

/** Of a session, what every record of it says. */
export function whoAsks({ id, peer, agent, identity }: SessionInfo) {
  return { session: id, peer, kind: identity.kind, identity: identity.name, agent };
}

function changesThings({ name, right }: MessageHandler): boolean {
  const rights = rightsOf(right);
  return (rights.includes("write") || rights.includes("delete")) && !NO_CHANGE.has(name);
}

/** What it is about, as far as it says so in the words of files. */
function targetOf(message: Message | undefined): { target?: string; to?: string } {
  const { name, to } = Object(message?.body) as { name?: unknown; to?: unknown };
  return {
    ...(typeof name === "string" ? { target: name } : {}),
    ...(typeof to === "string" ? { to } : {}),
  };
}

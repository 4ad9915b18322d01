import type { SessionInfo } from "../../handlers/messages/mod.ts";
import type { ActionArguments, ActionOutcome } from "../../protocol/mod.ts";
import { audit, LineLimit } from "../../log/mod.ts";

/** Who has an action run, and which. */
export interface AuditedRun {
  readonly action: string;
  readonly arguments: ActionArguments;
  readonly session: Pick<SessionInfo, "id" | "peer" | "agent">;
}

/** Writes down who has which action run, and what becomes of it, whatever the log's level is. */
export class Audit implements Disposable {
  /** So many refusals are written down one by one: whoever makes them must not fill the disk. */
  readonly #refusals = new LineLimit({
    report: (rest, count) =>
      audit({ event: "actions.refused", result: "refused", count }, `Actions refused, ${rest}`),
  });

  begun(run: AuditedRun, pid: number): void {
    audit(
      { event: "action.begun", result: "ok", ...propertiesOf(run), pid },
      "Action {action} {arguments} begins for {peer}, session {session}: process {pid}",
    );
  }

  ended(run: AuditedRun, outcome: ActionOutcome): void {
    const { exitCode, signal, ms, ended } = outcome;
    const result = exitCode === 0 ? "ok" : signal ?? ended ?? `exit-code-${exitCode ?? "unknown"}`;
    audit(
      { event: "action.ended", result, ...propertiesOf(run), ms, how: howItEnded(outcome) },
      "Action {action} {arguments} is over for {peer}, session {session}, after {ms} ms: {how}",
    );
  }

  /** @param reason What the client is told. */
  refused(run: AuditedRun, reason: string): void {
    if (!this.#refusals.admit()) return;
    // Not its arguments: nobody has checked them.
    const { arguments: _unchecked, ...properties } = propertiesOf(run);
    audit(
      { event: "action.refused", result: "refused", ...properties, reason },
      "Action {action} is refused to {peer}, session {session}: {reason}",
    );
  }

  [Symbol.dispose](): void {
    this.#refusals[Symbol.dispose]();
  }
}

/** How an action ended, in words. */
function howItEnded({ exitCode, signal, ended }: ActionOutcome): string {
  const how = signal === undefined ? `exit code ${exitCode ?? "unknown"}` : signal;
  if (ended === "deadline") return `its time was over (${how})`;
  if (ended === "cancelled") return `its client did not want it any more (${how})`;
  return ended === "leaving" ? `this worker leaves (${how})` : how;
}

function propertiesOf({ action, arguments: given, session }: AuditedRun) {
  const { id, peer, agent } = session;
  // As JSON, which has no line breaks in it.
  return {
    action: JSON.stringify(action),
    arguments: JSON.stringify(given),
    ...{ session: id, peer, agent },
  };
}

import { getLogger } from "@logtape/logtape";
import type { SessionInfo } from "../../handlers/messages/mod.ts";
import { audit, hasAuditFile } from "../../log/mod.ts";
import type { ServerEndReason } from "../../protocol/mod.ts";
import { whoAsks } from "../requests/audited_request.ts";

const logger = getLogger(["msquicd", "worker"]);

type Logged = Pick<SessionInfo, "id" | "peer" | "identity">;

/** Writes to the log that a client was let in. */
export function logBegun({ id, peer, identity }: Logged, agent: string | undefined): void {
  const { kind, name } = identity;
  logger.debug("Session {id} of {peer} has begun: {kind} {identity}", {
    ...{ id, peer, kind, identity: name, agent },
  });
}

/** Writes down that what has let a client in does so no more. */
export function logRevoked(session: SessionInfo): void {
  const { id, peer, identity: { kind, name } } = session;
  logger.info("Session {id} of {peer} is ended: {kind} {identity} is not good any more", {
    ...{ id, peer, kind, identity: name },
  });
  if (hasAuditFile()) audit({ event: "session.revoked", result: "ok", ...whoAsks(session) });
}

/** Writes down that a client was not let in, or is ended for what it did. */
export function logTurnedAway({ id, peer }: Logged, reason: ServerEndReason, why: string): void {
  logger.warning("Connection from {peer} turned away: {reason}", { peer, reason: why });
  const event = "session.refused";
  // Where there is no file for it, the line before is what there is to say.
  if (hasAuditFile()) audit({ event, result: reason, session: id, peer, reason: why });
}

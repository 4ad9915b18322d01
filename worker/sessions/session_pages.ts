import type { ManagerRequests, SessionSummary } from "../../ipc/mod.ts";
import type { Session } from "./session.ts";

/** Which sessions are asked for. */
type Page = ManagerRequests["sessions"]["params"];

/**
 * One page of sessions, in the order in which they came. Who comes or goes between two pages is in one of
 * them, or in none, but never in two.
 *
 * @param transfers How many each session has, by its id.
 */
export function pageOfSessions(
  sessions: Iterable<Session>,
  transfers: ReadonlyMap<string, number>,
  { after = 0, limit, prefix = "" }: Page,
): { sessions: SessionSummary[]; next?: number } {
  const page: SessionSummary[] = [];
  let last = after;
  for (const session of sessions) {
    if (session.serial <= after || !session.id.startsWith(prefix)) continue;
    if (page.length === limit) return { sessions: page, next: last };
    page.push(summaryOf(session, transfers.get(session.id)));
    last = session.serial;
  }
  return { sessions: page };
}

/** What a manager is told of a session. */
export function summaryOf(session: Session, transfers = 0): SessionSummary {
  const { id, peer, agent = null, identity, state, since, idleMs, path } = session;
  const { requests, requestsTotal, bytesIn, bytesOut } = session;
  const summary = {
    ...{ id, peer, agent, kind: identity.kind, identity: identity.name, state, since, idleMs },
    ...{ requests, requestsTotal, transfers, bytesIn, bytesOut },
  };
  if (path === undefined) return summary;
  const { rttUs, congestionWindow, packetsSent, packetsLost } = path;
  // Of a packet that was taken for lost and has arrived it may be heard before it is counted as sent.
  const lost = Math.max(0, packetsLost);
  return { ...summary, path: { rttUs, congestionWindow, packetsSent, packetsLost: lost } };
}

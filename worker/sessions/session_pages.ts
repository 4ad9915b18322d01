import type { ManagerRequests, SessionSummary } from "../../ipc/mod.ts";
import type { Session } from "./session.ts";

/** Which sessions are asked for. */
type Page = ManagerRequests["sessions"]["params"];

/**
 * One page of sessions, in the order in which they came. Who comes or goes between two pages is in one of
 * them, or in none, but never in two.
 */
export function pageOfSessions(
  sessions: Iterable<Session>,
  { after = 0, limit, prefix = "" }: Page,
): { sessions: SessionSummary[]; next?: number } {
  const page: SessionSummary[] = [];
  let last = after;
  for (const session of sessions) {
    if (session.serial <= after || !session.id.startsWith(prefix)) continue;
    if (page.length === limit) return { sessions: page, next: last };
    page.push(summaryOf(session));
    last = session.serial;
  }
  return { sessions: page };
}

/** What a manager is told of a session. */
export function summaryOf(session: Session): SessionSummary {
  const { id, peer, agent = null, state, since, idleMs, path } = session;
  const { requests, requestsTotal, bytesIn, bytesOut } = session;
  const summary = {
    ...{ id, peer, agent, state, since, idleMs },
    ...{ requests, requestsTotal, bytesIn, bytesOut },
  };
  if (path === undefined) return summary;
  const { rttUs, congestionWindow, packetsSent, packetsLost } = path;
  // Of a packet that was taken for lost and has arrived it may be heard before it is counted as sent.
  const lost = Math.max(0, packetsLost);
  return { ...summary, path: { rttUs, congestionWindow, packetsSent, packetsLost: lost } };
}

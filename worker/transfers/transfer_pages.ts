import type { ManagerRequests, TransferSummary } from "../../ipc/mod.ts";
import type { Transfer } from "./transfer.ts";

/** Which transfers are asked for. */
type Page = ManagerRequests["transfers"]["params"];

/** One page of transfers, in the order in which they began; see `pageOfSessions`. */
export function pageOfTransfers(
  transfers: Iterable<Transfer>,
  { after = 0, limit }: Page,
): { transfers: TransferSummary[]; next?: number } {
  const page: TransferSummary[] = [];
  let last = after;
  for (const transfer of transfers) {
    if (transfer.serial <= after) continue;
    if (page.length === limit) return { transfers: page, next: last };
    page.push(transferSummary(transfer));
    last = transfer.serial;
  }
  return { transfers: page };
}

/** What a manager is told of a transfer. */
export function transferSummary(transfer: Transfer): TransferSummary {
  const { id, request, name = null, size = null, direction = null } = transfer;
  const { offset, start, since, rate, session } = transfer;
  return {
    ...{ id, request, name, size, direction, offset, start, since, rate },
    ...{ session: session.id, peer: session.peer, agent: session.agent ?? null },
    identity: session.identity.name,
  };
}

import { formatDuration } from "../../base/mod.ts";
import type { ConnectionNotice } from "../../client/mod.ts";

/** One line about a connection that is not there, or is there again. */
export function formatNotice(notice: ConnectionNotice): string {
  if (notice.state === "connected") {
    return `Connected to ${notice.server} after ${formatDuration(notice.ms)}; going on`;
  }
  return `${notice.reason}; trying again for ${formatDuration(notice.retryForMs)}`;
}

import { RemoteError } from "../protocol/mod.ts";

/** The server has ended the connection since what had let the client in does so no more. */
export function accessEnded(server?: string): RemoteError {
  const who = server === undefined ? "Server" : `Server ${server}`;
  return new RemoteError(
    "wrong-token",
    `${who} has ended the session: its token was revoked or replaced, or has expired`,
  );
}

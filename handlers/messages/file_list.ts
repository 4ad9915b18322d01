import { messages } from "../../protocol/mod.ts";
import { type ClientIdentity, defineHandler, type MessageHandler } from "./handler.ts";

/** Lists the stored files, a page at a time. */
export const fileList: MessageHandler = defineHandler(
  messages.fileList,
  (request, { files, session, signal }) => {
    const confined = { ...request, ...prefixFor(request.prefix ?? "", session.identity) };
    return files.list(confined, session, signal);
  },
);

/**
 * What names have to begin with that somebody asks for who may see only some.
 *
 * @throws {ProtocolError} `permission-denied`: it may see none of those that are asked for.
 */
function prefixFor(wanted: string, identity: ClientIdentity): { prefix?: string } {
  const { prefix } = identity;
  if (prefix === undefined) return {};
  const all = `${prefix}/`;
  if (all.startsWith(wanted)) return { prefix: all };
  if (!wanted.startsWith(all)) identity.checkName(wanted);
  return { prefix: wanted };
}

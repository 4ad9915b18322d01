import { type ActionInfo, parseActionInfo } from "../action_bodies.ts";
import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, listField } from "../fields.ts";
import { type EmptyRequest, parseNothing } from "../system_bodies.ts";

/** Most actions that a server has. */
const MAX_ACTIONS = 100;

/** Answer to `system.action.list`. */
export interface SystemActionListResponse {
  actions: ActionInfo[];
}

/** Lists the actions that the server's operator has defined. Unknown to servers without any. */
export const systemActionList: MessageDefinition<EmptyRequest, SystemActionListResponse, 37> = {
  type: 37,
  name: "system.action.list",
  right: "action",
  parseRequest: parseNothing,
  parseResponse: (body) => ({
    actions: listField(fieldsOf(body), "actions", MAX_ACTIONS, parseActionInfo),
  }),
};

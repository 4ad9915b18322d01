import {
  type ActionArguments,
  actionNameField,
  type ActionOutput,
  argumentsField,
  parseActionOutput,
} from "../action_bodies.ts";
import type { SequenceDefinition } from "../definition.ts";
import { fieldsOf } from "../fields.ts";

/** Request of `system.action.run`. */
export interface SystemActionRunRequest {
  /** Of the action. */
  name: string;
  /** The values of its arguments, by name. */
  arguments?: ActionArguments;
}

/** Runs an action that the server's operator has defined. Unknown to servers without any. */
export const systemActionRun: SequenceDefinition<SystemActionRunRequest, ActionOutput, 38> = {
  type: 38,
  name: "system.action.run",
  right: "action",
  sequence: true,
  parseRequest(body) {
    const fields = fieldsOf(body);
    return { name: actionNameField(fields, "name"), arguments: argumentsField(fields) };
  },
  parseResponse: parseActionOutput,
};

import { join } from "node:path";
import {
  type ActionArgument,
  type ActionDefinition,
  numberText,
  rangeWanted,
} from "../../base/action_definition.ts";
import { fileArgument } from "../../base/hook_settings.ts";
import { fillTemplate } from "../../base/action_template.ts";
import { type ActionArguments, isWireErrorCode, ProtocolError } from "../../protocol/mod.ts";
import type { ClientIdentity } from "../../handlers/messages/mod.ts";
import { statFile, type StorageRoot } from "../../transfer/mod.ts";

/**
 * The words of an action's command with the values of its arguments in their places.
 *
 * @throws {ProtocolError} `bad-argument`: one is missing, not declared, or not what it may be; or what is
 * wrong with a file that one names.
 */
export async function fillCommand(
  action: ActionDefinition,
  given: ActionArguments,
  storage: StorageRoot,
  identity: Pick<ClientIdentity, "checkName">,
): Promise<string[]> {
  const { command: [program = "", ...items], arguments: declared = {} } = action;
  const strange = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (strange !== undefined) throw refusal(`There is no argument ${JSON.stringify(strange)}`);
  const values = new Map<string, string>();
  for (const [name, argument] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : argument.default;
    if (value === undefined) throw refusal(`Argument "${name}" is missing`);
    values.set(name, await valueOf(name, argument, value, storage, identity));
  }
  return [program, ...items.map((item) => fillTemplate(item, values))];
}

/**
 * The same where a hook runs the action: one of its arguments is the file that it is about, all others are what
 * they are where nothing is said.
 *
 * @param path The file's; `undefined` if there is none.
 */
export function fillForFile(action: ActionDefinition, path: string | undefined): string[] {
  const { command: [program = "", ...items], arguments: declared = {} } = action;
  const file = path === undefined ? undefined : fileArgument(action);
  const values = new Map<string, string>();
  for (const [name, argument] of Object.entries(declared)) {
    const value = name === file ? path : argument.default;
    if (value === undefined) throw refusal(`Argument "${name}" is missing`);
    values.set(name, String(value));
  }
  return [program, ...items.map((item) => fillTemplate(item, values))];
}

async function valueOf(
  name: string,
  argument: ActionArgument,
  value: string | number,
  storage: StorageRoot,
  identity: Pick<ClientIdentity, "checkName">,
): Promise<string> {
  if ("choices" in argument) {
    const text = String(value);
    if (argument.choices.includes(text)) return text;
    throw refusal(`Argument "${name}" must be one of ${argument.choices.join(", ")}`);
  }
  if ("file" in argument) {
    identity.checkName(String(value));
    return await pathOf(name, String(value), storage);
  }
  const text = numberText(argument, value);
  if (text !== undefined) return text;
  throw refusal(`Argument "${name}" must be ${rangeWanted(argument)}`);
}

/** The path of a stored file, which is a regular one, and reached without a symbolic link. */
async function pathOf(argument: string, file: string, storage: StorageRoot): Promise<string> {
  try {
    await statFile(storage, file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (!isWireErrorCode(code) || !(error instanceof Error)) throw error;
    const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1);
    throw new ProtocolError(code, `Argument "${argument}": ${reason}`);
  }
  return join(storage.path, file);
}

function refusal(message: string): ProtocolError {
  return new ProtocolError("bad-argument", message);
}

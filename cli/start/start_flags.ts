import type { FlagParametersForType } from "@stricli/core";
import type { Given, KeyFlag, NamesOf, TopKey } from "../../manager/config/config_key.ts";
// Straight from its file: the help needs the table, and nothing else of a manager.
import { type Keys, NAMED_KEYS } from "../../manager/config/keys.ts";
import type { CliContext } from "../context.ts";
import { parseText, wholeNumber } from "../flags.ts";

/** What flags say of the configuration. */
export type KeyFlags = {
  readonly [Name in NamesOf<Keys, { flag: KeyFlag }>]?: Given<Keys[Name]>;
};

/** Flags of `msquicd start`. */
export type StartFlags = KeyFlags & {
  config?: string;
  shell: boolean;
  detach: boolean;
  /** Where to log to in place of standard error; how a manager in the background is started. */
  logFile?: string;
  json: boolean;
};

/** The flags that the table of keys has, as the command line takes them. */
export const KEY_FLAGS: FlagParametersForType<KeyFlags, CliContext> = Object.fromEntries(
  NAMED_KEYS.flatMap(([name, key]) => key.flag ? [[name, flagOf(key, key.flag)]] : []),
) as FlagParametersForType<KeyFlags, CliContext>;

/** What flags say of the configuration, without those that say how to run the manager here. */
export function keyFlagsOf(flags: StartFlags): KeyFlags {
  const { config: _c, shell: _s, detach: _d, logFile: _l, json: _j, ...settings } = flags;
  return settings;
}

function flagOf(key: TopKey, { brief, placeholder }: KeyFlag) {
  const said = brief.replace("{default}", String(key.default));
  if (placeholder === undefined && key.type === "choice") {
    return { kind: "enum", values: key.values, brief: said, optional: true };
  }
  const parse = key.type === "whole" ? wholeNumber(key.min, key.max) : parseText;
  return { kind: "parsed", parse, placeholder, brief: said, optional: true };
}

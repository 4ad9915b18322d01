import type { AccessGrant } from "../../base/access_grant.ts";
import type { ClientGrants } from "../../base/client_grants.ts";
import type { Actions } from "../../base/action_definition.ts";
import type { DirectoryQuotas } from "../../base/quotas.ts";
import type { HookSettings } from "../../base/hook_settings.ts";
import type { LogFormat, LogLevel } from "../../log/mod.ts";

/** What a key takes, and in which bounds. */
export type KeyType =
  /** The name of an instance. */
  | { readonly type: "name" }
  /** An IP address. */
  | { readonly type: "address" }
  /** A list of ports. */
  | { readonly type: "ports" }
  /** A path, which is made absolute. */
  | { readonly type: "directory" | "path" }
  /** A path, which is looked up where it is used. */
  | { readonly type: "file" }
  /** Paths of modules, which are made absolute. */
  | { readonly type: "files" }
  /** Patterns of stored files' names; see `base/name_pattern.ts`. */
  | { readonly type: "name-patterns" }
  /** Bytes in a second; see `base/byte_rate_text.ts`. */
  | { readonly type: "rate" }
  /** Host names and IP addresses. */
  | { readonly type: "certificate-names" }
  /** A time that a file may give up to a day, and a program up to what a timer takes. */
  | { readonly type: "deadline"; readonly min: number; readonly unit: "ms" }
  | {
    readonly type: "whole";
    readonly min: number;
    readonly max: number;
    readonly unit?: "ms" | "bytes";
  }
  /** A number from 0 to 1. */
  | { readonly type: "share" }
  | { readonly type: "exit-codes" }
  /** What clients may have run; see `base/action_definition.ts`. */
  | { readonly type: "actions" }
  /** Which of those are run before files are stored and removed; see `base/hook_settings.ts`. */
  | { readonly type: "hooks" }
  /** What somebody may do; see `base/access_grant.ts`. */
  | { readonly type: "access" }
  /** Who is known by a certificate; see `base/client_grants.ts`. */
  | { readonly type: "clients" }
  /** How much directories may hold; see `base/quotas.ts`. */
  | { readonly type: "quotas" }
  /** One of some words. Those of the log may be written in other ways as well, except in a file. */
  | { readonly type: "choice" | "log-level" | "log-format"; readonly values: readonly string[] }
  /** Keys of its own. */
  | {
    readonly type: "group";
    readonly keys: ConfigKeys;
    /** What a refusal of one of them begins with, where that is not how all others do. */
    readonly refusal?: string;
  }
  /** For single ports, what is different there. */
  | { readonly type: "by-port"; readonly keys: ConfigKeys };

/** A key, or one of a group. */
export type ConfigKey = KeyType & {
  /** What holds where nothing is said; what has none may stay unsaid. */
  readonly default?: unknown;
  /** What it says, for the table in `docs/configuration.md`. */
  readonly documentation: string;
};

/** Keys by their names. */
export type ConfigKeys = Readonly<Record<string, ConfigKey>>;

/** A key that is not in a group. */
export type TopKey = ConfigKey & {
  /** Who goes by it; workers are told what concerns them. */
  readonly concerns: "manager" | "worker";
  /** What it takes for a change to have an effect. */
  readonly changes: "restart";
  /** Whether a file may not say it. */
  readonly notInFile?: true;
  /** The flag of `start` that sets it. */
  readonly flag?: KeyFlag;
  /** The variable that says it where nothing else does. */
  readonly environment?: string;
};

/** How a key is given on the command line. */
export interface KeyFlag {
  /** For the help; `{default}` in it stands for the default. */
  readonly brief: string;
  /** What stands for a value in the help; without, its values do, and there are no others. */
  readonly placeholder?: string;
}

/** What may be given for a key: by a flag, a file or a program. */
export type Given<Key> = Key extends { type: "whole" | "deadline" | "share" } ? number
  : Key extends { type: "choice"; values: readonly (infer Word)[] } ? Word
  : Key extends { type: "exit-codes" } ? readonly number[]
  : Key extends { type: "files" | "certificate-names" | "name-patterns" } ? readonly string[]
  : Key extends { type: "actions" } ? Actions
  : Key extends { type: "hooks" } ? HookSettings
  : Key extends { type: "access" } ? AccessGrant
  : Key extends { type: "clients" } ? ClientGrants
  : Key extends { type: "quotas" } ? DirectoryQuotas
  : Key extends { type: "group"; keys: infer Keys } ? Partial<Settings<Keys>>
  : Key extends { type: "by-port"; keys: infer Keys } ? ReadonlyMap<number, GivenAll<Keys>>
  : string;

/** What may be given for some keys; any may be left out. */
export type GivenAll<Keys> = { readonly [Name in keyof Keys]?: Given<Keys[Name]> };

/** What comes of a key, checked and with its default. */
export type Setting<Key> = Key extends { type: "log-level" } ? LogLevel
  : Key extends { type: "log-format" } ? LogFormat
  : Key extends { type: "group"; keys: infer Keys } ? Settings<Keys>
  : Given<Key>;

/** What comes of some keys. */
export type Settings<Keys> = { readonly [Name in keyof Keys]: Setting<Keys[Name]> };

/** The names of those keys that are like this. */
export type NamesOf<Keys, Like> = {
  [Name in keyof Keys]: Keys[Name] extends Like ? Name : never;
}[keyof Keys];

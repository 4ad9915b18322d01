import type { Client } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { UsageError, VerificationError } from "../errors.ts";
import { printable } from "../text/format.ts";
import { forEachItem } from "./batch.ts";
import type { ConnectionFlags } from "./connection_flags.ts";
import type { Named } from "./expand_names.ts";
import { withServer } from "./with_server.ts";

/** What `verify` takes. */
export interface VerifyFlags extends ConnectionFlags {
  recursive: boolean;
  allowUnknown: boolean;
  json: boolean;
}

/** A file that passed. */
interface Verified {
  name: string;
  bytes: number;
  sha256: string;
  state: "ok" | "unknown";
}

/** Has a server check its files, as `verify` was told. */
export async function verifyFiles(
  context: CliContext,
  flags: VerifyFlags,
  names: readonly string[],
): Promise<void> {
  const { recursive, allowUnknown } = flags;
  if (names.length === 0 && !recursive) {
    throw new UsageError("Give the names of the files to check; all there are: verify -r");
  }
  const { output } = context;
  await withServer(context, flags, ({ client, signal, onUnreadable, named }) => {
    const items = recursive
      ? namesBelow(client, names.length === 0 ? [""] : names, signal, onUnreadable)
      : named(names);
    return forEachItem(items, output, async ({ name, problem }) => {
      if (problem !== undefined) throw problem;
      return await verify(client, name, allowUnknown, signal);
    }, {
      isLight: () => true,
      onDone: ({ name, state }: Verified) => output.line(`${state.padEnd(7)}  ${printable(name)}`),
    });
  });
}

/** Names of the files below directories; a file's own. */
async function* namesBelow(
  client: Client,
  typed: readonly string[],
  signal: AbortSignal,
  onUnreadable: (directory: string) => void,
): AsyncGenerator<Named> {
  for (const name of typed) {
    const directory = name.replace(/\/$/, "");
    const prefix = directory === "" ? "" : `${directory}/`;
    let found = false;
    for await (
      const entry of client.list(prefix, { signal, directories: "empty", onUnreadable })
    ) {
      found = true;
      if (!entry.directory) yield { name: entry.name };
    }
    if (!found && directory !== "") yield { name: directory };
  }
}

/** @throws {VerificationError} */
async function verify(
  client: Client,
  name: string,
  allowUnknown: boolean,
  signal: AbortSignal,
): Promise<Verified> {
  const { size: bytes, sha256, stored } = await client.sum(name, { signal });
  if (stored === sha256) return { name, bytes, sha256, state: "ok" };
  if (stored !== undefined) {
    throw new VerificationError(
      "hash-mismatch",
      `"${name}" is damaged on ${client.server}: its SHA-256 is ${sha256}, and was ${stored} when it ` +
        "was stored; store it again with put --overwrite always",
    );
  }
  if (allowUnknown) return { name, bytes, sha256, state: "unknown" };
  throw new VerificationError(
    "hash-unknown",
    `Cannot tell whether "${name}" is what was stored: the server has noted nothing of it, or it was ` +
      `written to since; its SHA-256 is ${sha256}`,
  );
}

import type { FlagParametersForType } from "@stricli/core";
import {
  CONGESTION_CONTROLS,
  type CongestionControl,
  DEFAULT_CONGESTION_CONTROL,
} from "../../base/mod.ts";
import type { Address, Client, FingerprintSource, Trust } from "../../client/mod.ts";
import { VERSION } from "../../version.ts";
import type { CliContext } from "../context.ts";
import { describeError } from "../text/describe_error.ts";
import { MissingTargetError, UsageError } from "../errors.ts";
import { instanceFlag, parseDuration, parseText, retryFlag } from "../flags.ts";
import { formatNotice } from "./connection_text.ts";
import { findLocalInstance, type LocalInstance } from "./local_instance.ts";
import { whyUnserved } from "./unserved.ts";

/** Flags that say which server is meant. */
export interface TargetFlags {
  server?: string;
  token?: string;
  fingerprint?: string;
  ca?: string;
  insecure: boolean;
  instance?: string;
  cert?: string;
  key?: string;
}

/** Flags of every command that uses a server. */
export interface ConnectionFlags extends TargetFlags {
  retry?: number;
  congestion: CongestionControl;
  idleTimeout?: number;
  keepAlive?: number;
}

/** How patient `put` and `get` are, in milliseconds: people close lids, and change networks. */
export const TRANSFER_RETRY_MS = 180_000;

/** Their definitions. */
export const connectionFlags: FlagParametersForType<ConnectionFlags, CliContext> = {
  server: text("HOST:PORT", "Server to use, or several with commas; default: this machine's own"),
  token: text("TOKEN", "An access token of the server's; MSQUICD_TOKEN keeps it out of sight"),
  fingerprint: text("SHA256", "Trust the server whose certificate has this fingerprint"),
  ca: text("FILE", "Trust servers whose certificate these authorities (PEM) have signed"),
  insecure: {
    kind: "boolean",
    brief: "Trust any server, also an impostor",
    default: false,
    withNegated: false,
  },
  cert: text("FILE", "Show the server this certificate (PEM); MSQUICD_CERT by default"),
  key: text("FILE", "The private key of that certificate (PEM); MSQUICD_KEY by default"),
  instance: instanceFlag,
  congestion: {
    kind: "enum",
    values: CONGESTION_CONTROLS,
    brief: "How uploads find out what the network takes",
    default: DEFAULT_CONGESTION_CONTROL,
  },
  idleTimeout: time("How long a server may not be heard of, from 1s to 1h (default: 30s)"),
  keepAlive: time("How often to ask an idle server for a sign of life; 0s: never (default: 10s)"),
  retry: retryFlag("each server once"),
};

/** Those of commands that move files. */
export const transferFlags: FlagParametersForType<ConnectionFlags, CliContext> = {
  ...connectionFlags,
  retry: retryFlag("3m"),
};

function text(placeholder: string, brief: string) {
  return { kind: "parsed", parse: parseText, placeholder, brief, optional: true } as const;
}

function time(brief: string) {
  return {
    kind: "parsed",
    parse: parseDuration,
    placeholder: "TIME",
    brief,
    optional: true,
  } as const;
}

/** Everything that is needed to connect. */
export interface Target {
  servers: Address[];
  /** Missing for a server that is to let somebody in who shows none. */
  token?: string;
  trust: Trust;
}

/** How {@linkcode openClient} bears with a network, and whom it asks. */
export interface Bearing {
  /** Of this machine's workers, the one on this port and no other; by default whichever has less to do. */
  port?: number | undefined;
  /** How long to try again where `--retry` is not given, in milliseconds; by default not at all. */
  retryForMs?: number;
  /** Says what becomes of the connection; by default a line on standard error. */
  note?: (text: string) => void;
}

/** Connects to the server that the flags name, or to this machine's own. */
export async function openClient(
  flags: ConnectionFlags,
  context: CliContext,
  signal: AbortSignal,
  { port, retryForMs = 0, note = (text) => context.output.note(text) }: Bearing = {},
): Promise<Client> {
  if (port !== undefined && flags.server !== undefined) {
    throw new UsageError("Give the port with --server HOST:PORT, or --port alone, not both");
  }
  const { connect, parseServers } = await import("../../client/mod.ts");
  const named = flags.server === undefined ? undefined : parseServers(flags.server);
  const instance = flags.instance ?? context.instance;
  const environmentToken = Deno.env.get("MSQUICD_TOKEN");
  const look = () => findLocalInstance(instance);
  const { servers: all, token = "", trust } = await findTarget(
    flags,
    named,
    environmentToken,
    look,
    instance,
  );
  const servers = port === undefined ? all : all.filter((server) => server.port === port);
  if (port !== undefined && servers.length === 0 && all.length > 0) {
    const { NoSuchWorkerError } = await import("../../manager/mod.ts");
    throw new NoSuchWorkerError([port], instance);
  }
  if (servers.length === 0) throw await notServed(instance);
  try {
    return await connect({
      ...{ server: servers, ...trust, signal, agent: `msquicd/${VERSION}` },
      ...(token === "" ? {} : { token }),
      ...ownCertificate(flags, (name) => Deno.env.get(name)),
      // Where it is this machine's own, what fails is explained with what its manager knows.
      early: named !== undefined,
      failover: port === undefined,
      ...{ retryForMs: flags.retry ?? retryForMs, waitForServerMs: flags.retry ?? 0 },
      congestionControl: flags.congestion,
      ...(flags.idleTimeout === undefined ? {} : { idleTimeoutMs: flags.idleTimeout }),
      ...(flags.keepAlive === undefined ? {} : { keepAliveMs: flags.keepAlive }),
      onConnection: (notice) => note(formatNotice(notice)),
    });
  } catch (error) {
    if (named !== undefined || signal.aborted) throw error;
    throw await whyUnserved(instance, { cause: error }) ?? error;
  }
}

/**
 * The certificate to show, if one is named.
 *
 * @param environment Reads a variable of it.
 * @throws {UsageError} Only its file is, or its key.
 */
export function ownCertificate(
  { cert, key }: Pick<TargetFlags, "cert" | "key">,
  environment: (name: string) => string | undefined,
): { certificateFile?: string; privateKeyFile?: string } {
  const certificateFile = cert ?? (environment("MSQUICD_CERT") || undefined);
  const privateKeyFile = key ?? (environment("MSQUICD_KEY") || undefined);
  if (certificateFile === undefined && privateKeyFile === undefined) return {};
  if (certificateFile !== undefined && privateKeyFile !== undefined) {
    return { certificateFile, privateKeyFile };
  }
  throw new UsageError("Give --cert and --key together: a certificate, and its private key");
}

/** No worker of a local instance serves: says what is true of its manager. */
async function notServed(instance: string): Promise<Error> {
  const { ManagerNotRunningError } = await import("../../manager/mod.ts");
  return await whyUnserved(instance) ?? new ManagerNotRunningError(instance);
}

/**
 * As {@linkcode chooseTarget}, of which this machine's instance is asked only if the flags leave
 * something out: who names everything needs no state directory, nor a home.
 *
 * @param look Looks for the instance.
 * @throws {MissingTargetError} Something is missing, and looking for the instance failed.
 */
export async function findTarget(
  flags: TargetFlags,
  named: Address[] | undefined,
  environmentToken: string | undefined,
  look: () => Promise<LocalInstance | undefined>,
  instance: string,
): Promise<Target> {
  const trusts = flags.fingerprint !== undefined || flags.ca !== undefined || flags.insecure;
  if (named !== undefined && flags.token !== undefined && trusts) {
    return chooseTarget(flags, named, undefined, undefined);
  }
  let local: LocalInstance | undefined;
  let failure: unknown;
  try {
    local = await look();
  } catch (error) {
    if (describeError(error).code === "invalid-instance") throw error;
    failure = error;
  }
  if (failure !== undefined) {
    const missing = [
      ...(named === undefined ? ["--server HOST:PORT"] : []),
      ...(flags.token || environmentToken ? [] : ["--token or MSQUICD_TOKEN"]),
      ...(trusts ? [] : ["--fingerprint, --ca or --insecure"]),
    ];
    if (missing.length > 0) throw new MissingTargetError(missing, failure);
  } else if (named === undefined && local === undefined) {
    const { ManagerNotRunningError } = await import("../../manager/mod.ts");
    throw new ManagerNotRunningError(instance);
  }
  return chooseTarget(flags, named, local, environmentToken);
}

/**
 * Puts together what to connect to. The local manager's token and fingerprint stand in for what was
 * not given, but only towards its own workers: no other server gets to see its token.
 *
 * @returns Without a token, where none is given, and none is known.
 * @throws {UsageError} Whom to trust is not known, or contradictory.
 */
export function chooseTarget(
  flags: TargetFlags,
  named: Address[] | undefined,
  local: LocalInstance | undefined,
  environmentToken: string | undefined,
): Target {
  const servers = named ?? local?.servers ?? [];
  const own = local !== undefined && servers.every((server) => isOf(local, server))
    ? local
    : undefined;
  const token = flags.token ?? own?.token ?? environmentToken ?? "";
  const trust = chooseTrust(flags, own?.fingerprint);
  return token === "" ? { servers, trust } : { servers, token, trust };
}

function chooseTrust(
  flags: TargetFlags,
  ownFingerprint: FingerprintSource | undefined,
): Trust {
  const { fingerprint, ca, insecure } = flags;
  const given: Trust[] = [];
  if (fingerprint !== undefined) given.push({ fingerprint });
  if (ca !== undefined) given.push({ caFile: ca });
  if (insecure) given.push({ insecure: true });
  const [trust = ownFingerprint === undefined ? undefined : { fingerprint: ownFingerprint }, more] =
    given;
  if (more !== undefined) {
    throw new UsageError("Give only one of --fingerprint, --ca and --insecure");
  }
  if (trust !== undefined) return trust;
  throw new UsageError(
    "It is not known which server to trust: pass --fingerprint SHA256 (the server's start prints it), " +
      "--ca FILE, or --insecure",
  );
}

function isOf({ servers, onBothLoopbacks }: LocalInstance, { hostname, port }: Address): boolean {
  const same = ["localhost", ...(onBothLoopbacks ? ["::1"] : [])].includes(hostname)
    ? "127.0.0.1"
    : hostname;
  return servers.some((own) => own.hostname === same && own.port === port);
}

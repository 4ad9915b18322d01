import type { FlagParametersForType } from "@stricli/core";
import {
  COMPRESSION_MODES,
  type CompressionMode,
  CONGESTION_CONTROLS,
  type CongestionControl,
  DEFAULT_COMPRESSION,
  DEFAULT_CONGESTION_CONTROL,
} from "../../base/mod.ts";
import { USUAL_RETRY_MS } from "../../base/usual_retry_ms.ts";
import type { Client } from "../../client/mod.ts";
import { VERSION } from "../../version.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { instanceFlag, parseDuration, parseRate, parseText, retryFlag } from "../flags.ts";
import { formatNotice } from "./connection_text.ts";
import { findLocalInstance } from "./local_instance.ts";
import { findTarget, namedServer, targetEnvironment, type TargetFlags } from "./target.ts";
import { whyUnserved } from "./unserved.ts";

/** Flags of every command that uses a server. */
export interface ConnectionFlags extends TargetFlags {
  retry?: number;
  congestion: CongestionControl;
  idleTimeout?: number;
  keepAlive?: number;
}

/** Flags of commands that move files. */
export interface TransferFlags extends ConnectionFlags {
  compress: CompressionMode;
  limitRate?: number;
}

/** Their definitions. */
export const connectionFlags: FlagParametersForType<ConnectionFlags, CliContext> = {
  server: text(
    "HOST:PORT",
    "Server, or several with commas; default: MSQUICD_SERVER, or this machine's own",
  ),
  token: text("TOKEN", "An access token of the server's; MSQUICD_TOKEN keeps it out of sight"),
  fingerprint: text(
    "SHA256",
    "Trust the server whose certificate has it; default: MSQUICD_FINGERPRINT",
  ),
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
export const transferFlags: FlagParametersForType<TransferFlags, CliContext> = {
  ...connectionFlags,
  compress: {
    kind: "enum",
    values: COMPRESSION_MODES,
    brief: "Compress what becomes smaller: where that pays, always, or never",
    default: DEFAULT_COMPRESSION,
  },
  retry: retryFlag(`${USUAL_RETRY_MS / 60_000}m`),
  limitRate: {
    kind: "parsed",
    parse: parseRate,
    brief: "Send and receive no more bytes in a second: 500k, 10M (of 1024), or none",
    placeholder: "RATE",
    optional: true,
  },
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
  flags: ConnectionFlags | TransferFlags,
  context: CliContext,
  signal: AbortSignal,
  { port, retryForMs = 0, note = (text) => context.output.note(text) }: Bearing = {},
): Promise<Client> {
  if (port !== undefined && flags.server !== undefined) {
    throw new UsageError("Give the port with --server HOST:PORT, or --port alone, not both");
  }
  const { connect, parseServers } = await import("../../client/mod.ts");
  const environment = targetEnvironment((name) => Deno.env.get(name));
  const server = serverOf(flags, context, port);
  const named = server === undefined ? undefined : parseServers(server);
  const instance = flags.instance ?? context.instance;
  const look = () => findLocalInstance(instance);
  const { servers: all, token = "", trust } = await findTarget(
    flags,
    named,
    environment,
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
      ...("compress" in flags ? { compress: flags.compress } : {}),
      ...(flags.idleTimeout === undefined ? {} : { idleTimeoutMs: flags.idleTimeout }),
      ...(flags.keepAlive === undefined ? {} : { keepAliveMs: flags.keepAlive }),
      ...("limitRate" in flags ? { bytesPerSecond: flags.limitRate ?? 0 } : {}),
      onConnection: (notice) => note(formatNotice(notice)),
    });
  } catch (error) {
    if (named !== undefined || signal.aborted) throw error;
    throw await whyUnserved(instance, { cause: error }) ?? error;
  }
}

/**
 * Which server was named, by a flag or by the environment; `undefined`: this machine's own is meant.
 *
 * @param port Of one of this machine's workers, if one was named.
 */
export function serverOf(
  flags: Pick<TargetFlags, "server" | "instance">,
  { insideShell }: Pick<CliContext, "insideShell">,
  port?: number,
): string | undefined {
  const environment = targetEnvironment((name) => Deno.env.get(name));
  return namedServer(flags, environment, insideShell || port !== undefined);
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

import {
  checkOptions,
  checkText,
  checkWhole,
  checkWord,
  COMPRESSION_MODES,
  type CompressionMode,
  CONGESTION_CONTROLS,
  type CongestionControl,
  InvalidOptionError,
  MAX_TIMER_MS,
  type OptionNames,
} from "../base/mod.ts";
import { MAX_IDLE_MS, MIN_IDLE_MS } from "../base/idle_times.ts";
import type { CertificatePair, ClientTrust } from "../ffi/mod.ts";
import { MAX_AGENT_LENGTH, MAX_TOKEN_LENGTH } from "../protocol/mod.ts";
import { fileError } from "../transfer/mod.ts";
import type { Servers } from "./address.ts";
import { normalizeFingerprint } from "./fingerprint.ts";
import type { OnConnection } from "./patience.ts";

/**
 * SHA-256 fingerprints of certificates, each of 64 hexadecimal digits. Asked for before each attempt to
 * connect: while a certificate is being replaced there are two.
 */
export type FingerprintSource = () => readonly string[] | Promise<readonly string[]>;

/** Whom a client trusts to be the server: exactly one of these. */
export type Trust =
  /** The one whose certificate has this SHA-256 fingerprint, or one of those: 64 hexadecimal digits. */
  | { fingerprint: string | FingerprintSource }
  /** Those whose certificate an authority in this PEM file has signed. */
  | { caFile: string }
  /** Anybody, also an impostor. */
  | { insecure: true };

/** Options of {@linkcode connect}. */
export type ConnectOptions = Trust & {
  /** One server or several, as `HOST:PORT` or taken apart; they are tried in turn. */
  server: Servers;
  /** An access token of the servers'; without, they are asked to let one in that shows none. */
  token?: string;
  /** PEM file of a certificate to show to servers that ask for one, with those of its authorities after it. */
  certificateFile?: string;
  /** PEM file of its private key. */
  privateKeyFile?: string;
  /** Gives up. */
  signal?: AbortSignal;
  /** How long to try one server, in milliseconds; 10 seconds by default. */
  timeoutMs?: number;
  /** Name and version of the program, for the server's log. */
  agent?: string;
  /**
   * Whether to go to another server, or come back to this one, when it goes away or the connection is lost;
   * so by default. Without, the client stays with the server that it connected to, and ends with it.
   */
  failover?: boolean;
  /**
   * Whether to go to another port of the server's where it says that there is much less to do; so by default
   * with `failover`. Where one server is named, nothing waits for that: what is asked for a quarter of a
   * second later, or after that, goes there, if it can be reached.
   */
  spread?: boolean;
  /**
   * How long to look for a server when the connection is lost, in milliseconds; 3 minutes by default. What
   * is under way waits, and goes on where it stopped. With 0, each server is tried once. A server that
   * refuses the token, or is not the one that is trusted, ends the search at once.
   */
  retryForMs?: number;
  /** How long to wait for a server that is not there at first, in milliseconds; by default not at all. */
  waitForServerMs?: number;
  /**
   * Whether to return as soon as the server is known to be the one that is trusted, and not to wait until
   * it has found the token to be right; by default not. Requests then go together with the token, a round
   * trip earlier, and are what fails where it is wrong. Does nothing where there are several servers and
   * `failover`, since the one that answers may say that another one has less to do.
   */
  early?: boolean;
  /** Is told when there has been no connection for a second, and when there is one again. */
  onConnection?: OnConnection;
  /** How uploads find out what the path takes; `bbr` by default. */
  congestionControl?: CongestionControl;
  /**
   * Whether the bytes of files are compressed, both ways: `auto`, the default, what becomes smaller where the
   * path is slower than the compressor, but for paths of less than a millisecond; `zstd` all that becomes smaller; `none`. A server that does not know
   * of it is sent them as they are.
   */
  compress?: CompressionMode;
  /**
   * How long a server may not be heard of before the connection is lost, in milliseconds: from 1,000 to an
   * hour, 30,000 by default. Where the server lets a client be idle for less, that counts (RFC 9000 section
   * 10.1).
   */
  idleTimeoutMs?: number;
  /**
   * After how long without traffic to ask the server for a sign of life, in milliseconds; 10,000 by default, and
   * a third of the idle timeout at most. With 0 never, so that an idle connection ends: the next request makes
   * another one, with `failover`.
   */
  keepAliveMs?: number;
  /**
   * How many bytes the client may send and receive in a second, both together; by default, and with 0, as many
   * as there can be. What a server has to send beyond that, it is not asked for.
   */
  bytesPerSecond?: number;
};

const ACTION = "Cannot connect";

const NAMES: OptionNames<ConnectOptions> = {
  server: true,
  token: true,
  certificateFile: true,
  privateKeyFile: true,
  fingerprint: true,
  caFile: true,
  insecure: true,
  signal: true,
  timeoutMs: true,
  agent: true,
  failover: true,
  spread: true,
  retryForMs: true,
  waitForServerMs: true,
  early: true,
  onConnection: true,
  congestionControl: true,
  compress: true,
  idleTimeoutMs: true,
  keepAliveMs: true,
  bytesPerSecond: true,
};

/**
 * Checks all but the servers and whom to trust.
 *
 * @throws {InvalidOptionError} An option does not exist, or cannot be used.
 */
export function checkConnectOptions(options: ConnectOptions): void {
  checkOptions(ACTION, options, NAMES);
  const { token, agent, signal, timeoutMs, retryForMs, waitForServerMs, onConnection } = options;
  if (token !== undefined) checkText(ACTION, "token", token, MAX_TOKEN_LENGTH);
  ownCertificateOf(options);
  if (agent !== undefined) checkText(ACTION, "agent", agent, MAX_AGENT_LENGTH);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError(`${ACTION}: signal must be an AbortSignal`);
  }
  checkWhole(ACTION, "timeoutMs", timeoutMs, 1, MAX_TIMER_MS);
  checkWhole(ACTION, "retryForMs", retryForMs, 0, MAX_TIMER_MS);
  checkWhole(ACTION, "waitForServerMs", waitForServerMs, 0, MAX_TIMER_MS);
  for (const name of ["failover", "spread", "early"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "boolean") {
      throw new InvalidOptionError(`${ACTION}: ${name} must be true or false`);
    }
  }
  if (onConnection !== undefined && typeof onConnection !== "function") {
    throw new InvalidOptionError(`${ACTION}: onConnection must be a function`);
  }
  checkWhole(ACTION, "idleTimeoutMs", options.idleTimeoutMs, MIN_IDLE_MS, MAX_IDLE_MS);
  checkWhole(ACTION, "keepAliveMs", options.keepAliveMs, 0, MAX_IDLE_MS);
  checkWhole(ACTION, "bytesPerSecond", options.bytesPerSecond, 0, Number.MAX_SAFE_INTEGER);
  checkWord(ACTION, "compress", options.compress, COMPRESSION_MODES);
  checkWord(ACTION, "congestionControl", options.congestionControl, CONGESTION_CONTROLS);
}

/**
 * The certificate to show, if there is one.
 *
 * @throws {InvalidOptionError} One of the two files is missing.
 */
export function ownCertificateOf(
  { certificateFile, privateKeyFile }: Pick<ConnectOptions, "certificateFile" | "privateKeyFile">,
): CertificatePair | undefined {
  if (certificateFile === undefined && privateKeyFile === undefined) return undefined;
  checkText(ACTION, "certificateFile", certificateFile);
  checkText(ACTION, "privateKeyFile", privateKeyFile);
  return { certificateFile, privateKeyFile };
}

/**
 * Whom to trust. What is left out, undefined or `insecure: false` trusts nobody, so one of the three
 * must say whom.
 *
 * @throws {InvalidOptionError} None of them does, or several do, or there is no certificate in `caFile`.
 * @throws {FingerprintError} The fingerprint is none.
 * @throws {FileNotFoundError | FilePermissionError} `caFile` cannot be read.
 */
export async function credentialOf(trust: Trust): Promise<ClientTrust> {
  const { fingerprint, caFile, insecure }: Record<string, unknown> = { ...trust };
  if (insecure !== undefined && typeof insecure !== "boolean") {
    throw new InvalidOptionError(`${ACTION}: insecure must be true, or be left out`);
  }
  const ways = [fingerprint !== undefined, caFile !== undefined, insecure === true];
  if (ways.filter(Boolean).length !== 1) {
    const problem = ways.includes(true) ? "says twice" : "does not say";
    throw new InvalidOptionError(
      `${ACTION}: this ${problem} which server to trust; give one of fingerprint, caFile and ` +
        "insecure: true",
    );
  }
  if (typeof fingerprint === "function") {
    const source = fingerprint as FingerprintSource;
    const normalized = async () => (await source()).map(normalizeFingerprint);
    return { role: "client", fingerprint: normalized };
  }
  if (fingerprint !== undefined) {
    checkText(ACTION, "fingerprint", fingerprint);
    return { role: "client", fingerprint: normalizeFingerprint(fingerprint) };
  }
  if (caFile === undefined) return { role: "client", insecure: true };
  checkText(ACTION, "caFile", caFile);
  await checkAuthorities(caFile);
  return { role: "client", caFile };
}

/** Looks at the file before MsQuic does, which does not say what is wrong with it. */
async function checkAuthorities(path: string): Promise<void> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw fileError(cause, `Cannot read the certificates of authorities in "${path}"`);
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return;
  throw new InvalidOptionError(
    `Cannot trust the authorities in "${path}": it has no certificate in PEM form`,
  );
}

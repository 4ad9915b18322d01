import type { Address, FingerprintSource, Trust } from "../../client/mod.ts";
import { MissingTargetError, UsageError } from "../errors.ts";
import { describeError } from "../text/describe_error.ts";
import type { LocalInstance } from "./local_instance.ts";

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

/** Everything that is needed to connect. */
export interface Target {
  servers: Address[];
  /** Missing for a server that is to let somebody in who shows none. */
  token?: string;
  trust: Trust;
}

/** What environment variables say of the server, for what flags do not. */
export interface TargetEnvironment {
  /** `MSQUICD_SERVER` */
  server?: string | undefined;
  /** `MSQUICD_TOKEN` */
  token?: string | undefined;
  /** `MSQUICD_FINGERPRINT`, which counts only where `--fingerprint` and its like are missing. */
  fingerprint?: string | undefined;
}

/** Reads them; an empty one is none. */
export function targetEnvironment(get: (name: string) => string | undefined): TargetEnvironment {
  const read = (name: string) => get(name) || undefined;
  return {
    server: read("MSQUICD_SERVER"),
    token: read("MSQUICD_TOKEN"),
    fingerprint: read("MSQUICD_FINGERPRINT"),
  };
}

/**
 * Which server was named. Who names an instance means that, whatever the environment says.
 *
 * @param isLocal Whether one of this machine's is meant anyway.
 */
export function namedServer(
  { server, instance }: Pick<TargetFlags, "server" | "instance">,
  environment: TargetEnvironment,
  isLocal: boolean,
): string | undefined {
  return server ?? (instance === undefined && !isLocal ? environment.server : undefined);
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
  environment: TargetEnvironment,
  look: () => Promise<LocalInstance | undefined>,
  instance: string,
): Promise<Target> {
  const trusts = flags.fingerprint !== undefined || flags.ca !== undefined || flags.insecure;
  if (named !== undefined && flags.token !== undefined && trusts) {
    return chooseTarget(flags, named, undefined, {});
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
      ...(named === undefined ? ["--server HOST:PORT or MSQUICD_SERVER"] : []),
      ...(flags.token || environment.token ? [] : ["--token or MSQUICD_TOKEN"]),
      ...(trusts || environment.fingerprint
        ? []
        : ["--fingerprint, --ca, --insecure or MSQUICD_FINGERPRINT"]),
    ];
    if (missing.length > 0) throw new MissingTargetError(missing, failure);
  } else if (named === undefined && local === undefined) {
    const { ManagerNotRunningError } = await import("../../manager/mod.ts");
    throw new ManagerNotRunningError(instance);
  }
  return chooseTarget(flags, named, local, environment);
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
  environment: TargetEnvironment,
): Target {
  const servers = named ?? local?.servers ?? [];
  const own = local !== undefined && servers.every((server) => isOf(local, server))
    ? local
    : undefined;
  const token = flags.token ?? own?.token ?? environment.token ?? "";
  const trust = chooseTrust(flags, own?.fingerprint ?? environment.fingerprint);
  return token === "" ? { servers, trust } : { servers, token, trust };
}

function chooseTrust(
  flags: TargetFlags,
  knownFingerprint: string | FingerprintSource | undefined,
): Trust {
  const { fingerprint, ca, insecure } = flags;
  const given: Trust[] = [];
  if (fingerprint !== undefined) given.push({ fingerprint });
  if (ca !== undefined) given.push({ caFile: ca });
  if (insecure) given.push({ insecure: true });
  const known = knownFingerprint === undefined ? undefined : { fingerprint: knownFingerprint };
  const [trust = known, more] = given;
  if (more !== undefined) {
    throw new UsageError("Give only one of --fingerprint, --ca and --insecure");
  }
  if (trust !== undefined) return trust;
  throw new UsageError(
    "It is not known which server to trust: pass --fingerprint SHA256 or MSQUICD_FINGERPRINT (the " +
      "server's start prints it), --ca FILE, or --insecure",
  );
}

function isOf({ servers, onBothLoopbacks }: LocalInstance, { hostname, port }: Address): boolean {
  const same = ["localhost", ...(onBothLoopbacks ? ["::1"] : [])].includes(hostname)
    ? "127.0.0.1"
    : hostname;
  return servers.some((own) => own.hostname === same && own.port === port);
}

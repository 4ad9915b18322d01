import { getLogger } from "@logtape/logtape";
import type { WorkerConfig } from "../../ipc/mod.ts";
import type { ServerOptions } from "../server_options.ts";

const logger = getLogger(["msquicd", "worker"]);

/** What a server is made of that is not in the configuration as it is. */
type ServerParts =
  & Pick<
    ServerOptions,
    "beforeListening" | "counters" | "handlers" | "hooks" | "storage" | "tasks" | "tokens"
  >
  & { spread: ServerOptions["spread"] | undefined };

/** What the server of a worker is to be. */
export function serverOptionsOf(config: WorkerConfig, parts: ServerParts): ServerOptions {
  const { host: hostname, port, certificateFile, privateKeyFile, token, msquicPath } = config;
  const { anonymous, clientCa, clients = {}, limits, requests, idleTimeoutMs, keepAliveMs } =
    config;
  const { congestionControl, memoryBudgetBytes, taskThreads, hooks } = config;
  const { spread, ...rest } = parts;
  return {
    ...rest,
    ...{ address: { hostname, port }, certificateFile, privateKeyFile, token },
    ...(anonymous === undefined ? {} : { anonymous }),
    ...(clientCa === undefined ? {} : { clientCertificates: { caFile: clientCa, clients } }),
    ...(spread === undefined ? {} : { spread }),
    ...(limits === undefined ? {} : { limits }),
    ...(requests === undefined ? {} : { requestLimits: requests }),
    ...(hooks?.deadlineMs === undefined ? {} : { hookDeadlineMs: hooks.deadlineMs }),
    ...(msquicPath === undefined ? {} : { msquicPath }),
    ...(congestionControl === undefined ? {} : { congestionControl }),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
    ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
    ...(memoryBudgetBytes === undefined ? {} : { memoryBudgetBytes }),
    ...(taskThreads === undefined ? {} : { taskThreads }),
    onError(error, request) {
      logger.error("Request {name} (type {type}) of {peer} failed: {error}", { ...request, error });
    },
  };
}

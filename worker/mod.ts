/**
 * The QUIC server that a worker process runs, and that a program can embed.
 *
 * @module
 */
export { runWorker } from "./run_worker.ts";
export {
  type CertificateFiles,
  type RequestFailure,
  Server,
  type ServerOptions,
} from "./server.ts";
export type { Session } from "./sessions/session.ts";
export type { SessionState } from "../protocol/mod.ts";
export type { CounterSink } from "./transport.ts";
export type { ServerLimits } from "../base/server_limits.ts";
export type { SpreadStrategy, WorkerLoad } from "./spread/strategy.ts";
export { uploadOwner } from "./life/uploads.ts";

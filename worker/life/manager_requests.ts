import { getLogger } from "@logtape/logtape";
import type { TokenGrant } from "../../base/token_grant.ts";
import { CodedError } from "../../base/mod.ts";
import type {
  LogLevel,
  ManagerRequests,
  RequestHandlers,
  WorkerConfig,
  WorkerIdentity,
} from "../../ipc/mod.ts";
import { configureLogging } from "../../log/mod.ts";
import type { LocalRequest } from "../requests/local_request.ts";
import type { RateSettings } from "../limits/live_rates.ts";
import type { CertificateFiles } from "../server.ts";
import type { Session } from "../sessions/session.ts";
import { pageOfTransfers, transferSummary } from "../transfers/transfer_pages.ts";
import type { Transfers } from "../transfers/transfers.ts";
import { pageOfSessions, summaryOf } from "../sessions/session_pages.ts";

const logger = getLogger(["msquicd", "worker"]);

/** Of how many of its transfers is told when a session is ended. */
const MAX_TOLD = 100;

/** What a worker serves, and what is asked before it changes files. */
export type Serving = ManagerRequests["handlers"]["answer"];

/** A worker, as far as its manager's requests go. */
export interface AskedWorker {
  /** What the manager told it to be; `undefined` before. */
  readonly config: WorkerConfig | undefined;
  /** The clients that are connected. */
  readonly sessions: Iterable<Session>;
  /** What is on its way; `undefined` before there is a server. */
  readonly transfers: Transfers | undefined;
  /** How many connections are in their handshake. */
  readonly handshaking: number;
  /** What it serves. @throws {NotStartedError} It is not ready. */
  serving(): Serving;
  /** What it is; `undefined` before it is ready. */
  readonly identity: WorkerIdentity | undefined;
  /**
   * Presents another certificate from now on.
   *
   * @returns Its fingerprint.
   * @throws {NotStartedError | CredentialError | CertificateChangedError} It goes on with the one it has.
   */
  useCertificate(files: CertificateFiles): Promise<string>;
  /** Lets others in from now on; returns how many sessions that has ended. */
  letIn(tokens: readonly TokenGrant[]): number;
  /** Has all clients, and those of single tokens, be no faster from now on. */
  limitRates(rates: RateSettings): void;
  /** Has one client be no faster. @returns Whether it is there. */
  limitSession(id: string, bytesPerSecond: number): boolean;
  /** Answers a message as it would a client. @throws {NotStartedError} It is not ready. */
  answer(request: LocalRequest, signal: AbortSignal): Promise<unknown>;
}

/** The worker cannot answer yet, as it has not been told what to be. */
export class NotStartedError extends CodedError {
  readonly code = "not-started";

  constructor() {
    super("The worker has not started yet; ask again when it is ready");
  }
}

/** What a worker answers its manager. */
export function answersOf(worker: AskedWorker): RequestHandlers<ManagerRequests> {
  let changed: LogLevel | undefined;
  return {
    ping() {
      return { time: Date.now() };
    },
    handlers() {
      return worker.serving();
    },
    identify() {
      if (worker.identity === undefined) throw new NotStartedError();
      return worker.identity;
    },
    sessions(page) {
      const { sessions, transfers, handshaking } = worker;
      return { ...pageOfSessions(sessions, transfers?.counts ?? new Map(), page), handshaking };
    },
    async kick({ session: id, message }) {
      const session = Iterator.from(worker.sessions).find((session) => session.id === id);
      if (session === undefined) return { transfers: [] };
      const transfers = (worker.transfers?.of(id) ?? []).slice(0, MAX_TOLD).map(transferSummary);
      const summary = summaryOf(session, transfers.length);
      await session.dismiss("kicked", message);
      return { session: summary, transfers };
    },
    transfers(page) {
      return pageOfTransfers(worker.transfers?.of() ?? [], page);
    },
    cancel({ transfer, message }) {
      const cancelled = worker.transfers?.cancel(transfer, message) ?? false;
      if (cancelled) {
        logger.info("Transfer {transfer} is cancelled: {message}", {
          transfer,
          message: message ?? "no reason was given",
        });
      }
      return { cancelled };
    },
    tokens({ tokens }) {
      return { ended: worker.letIn(tokens) };
    },
    "limit-rates"(rates) {
      worker.limitRates(rates);
      return {};
    },
    "limit-session"({ session, bytesPerSecond }) {
      return { limited: worker.limitSession(session, bytesPerSecond) };
    },
    async message(request, signal) {
      return { answer: await worker.answer(request, signal) };
    },
    async "use-certificate"(files) {
      return { fingerprint: await worker.useCertificate(files) };
    },
    "log-level"({ level }) {
      const { config } = worker;
      if (config === undefined) throw new NotStartedError();
      const before = changed ?? config.logLevel;
      configureWorkerLogging({ ...config, logLevel: level });
      changed = level;
      return { before };
    },
  };
}

/** Logs as the manager said. */
export function configureWorkerLogging({ logLevel, logFormat, port }: WorkerConfig): void {
  configureLogging({ level: logLevel, format: logFormat, label: String(port) });
}

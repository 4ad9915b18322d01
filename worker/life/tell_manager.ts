import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../../base/mod.ts";
import { isAddressInUse } from "../../ffi/mod.ts";
import type { WorkerConfig, WorkerEnd, WorkerMessage } from "../../ipc/mod.ts";
import type { Departure, DepartureReason } from "./departure.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How long a message may wait for room in the shared memory, in milliseconds. */
const SEND_MS = 1000;

/** How long the manager may take to let go of the port, in milliseconds. */
const PORT_DEADLINE_MS = 2000;

/** What of the shared memory it takes to tell the manager something. */
type ManagerLine = Pick<WorkerEnd, "manager" | "send" | "request">;

/** The manager holds the port until now. Whether it could be had is for MsQuic to say. */
export async function askForPort(end: ManagerLine): Promise<void> {
  try {
    await end.request("let-go-of-port", {}, { deadlineMs: PORT_DEADLINE_MS });
  } catch (error) {
    logger.debug("The manager does not let go of the port: {error}", { error });
  }
}

/** Says something to the manager, who may not listen any more. */
export async function tell(end: ManagerLine, message: WorkerMessage): Promise<void> {
  const sent = end.send(message).catch((error: unknown) => {
    logger.warning("Cannot tell the manager {type}: {error}", { type: message.type, error });
  });
  await settlesWithin(sent, SEND_MS);
}

export function farewell(departure: Departure, shortage: string | undefined): WorkerMessage {
  if (!departure.failed) return { type: "stopped" };
  if (shortage !== undefined) {
    return { type: "failed", error: { code: "worker-memory", message: shortage } };
  }
  const message = "An error that nothing has caught; the worker's log says which";
  return { type: "failed", error: { code: "worker-fault", message } };
}

export function describe(
  error: unknown,
  config: WorkerConfig | undefined,
): { code: string; message: string } {
  if (isAddressInUse(error)) {
    const message = `UDP port ${config?.port} on ${config?.host} is in use by another process`;
    return { code: "port-in-use", message };
  }
  if (!(error instanceof Error)) return { code: "internal", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  return { code, message: error.message };
}

export function logDeparture(reason: DepartureReason, end: ManagerLine): void {
  if (reason === "manager-lost") {
    logger.warning("Leaving: the manager, process {pid}, is gone", { pid: end.manager.pid });
  } else {
    logger.info("Leaving: {reason}", { reason });
  }
}

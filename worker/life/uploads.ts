import { hostname } from "node:os";
import { getLogger } from "@logtape/logtape";
import { processAlive } from "../../ffi/mod.ts";
import { audit, hasAuditFile } from "../../log/mod.ts";
import {
  canNoteStorers,
  type GivenUpUpload,
  holdStorage,
  removeCopies,
  removeLeftovers,
  type StorageRoot,
} from "../../transfer/mod.ts";

const logger = getLogger(["msquicd", "worker"]);

/** This machine in a file name: machines may share a storage, and know nothing of each other's processes. */
const HOST = hostname().replaceAll(/[^A-Za-z0-9]/g, "_").slice(0, 64);

const OWNER = /^worker-([A-Za-z0-9_]*)-(\d+)-/;

/** In whose name a process stages uploads. */
export function uploadOwner(pid: number = Deno.pid): string {
  return `worker-${HOST}-${pid}`;
}

/**
 * Removes what workers of this machine that are gone have left of uploads. Nothing depends on it, so it
 * only logs what goes wrong.
 *
 * @param inUse Whether a process, given by its id, may still have uploads there.
 */
export async function removeStaleUploads(
  storage: StorageRoot,
  inUse: (pid: number) => boolean = processAlive,
): Promise<void> {
  try {
    using held = holdStorage(storage);
    const { staging } = held;
    for (const pid of await uploadersOf(staging)) {
      if (inUse(pid)) continue;
      const owner = uploadOwner(pid);
      const count = await removeCopies(held.top, staging, owner) +
        await removeLeftovers(staging, owner);
      if (count > 0) {
        logger.info("Removed {count} unfinished uploads of process {pid}", { count, pid });
      }
    }
  } catch (error) {
    logger.warning("Cannot remove old uploads: {error}", { error });
  }
}

/** Writes down that what was kept of an upload is gone, since its room was needed. */
export function auditGivenUp({ name: target, bytes }: GivenUpUpload): void {
  if (hasAuditFile()) audit({ event: "upload.removed", result: "ok", target, bytes });
}

/** Says so where tokens have quotas, and the disk cannot note whose a file is: then they may store nothing. */
export function checkStorers({ quotas, path, staging }: StorageRoot): void {
  if (!quotas.anyToken || canNoteStorers(staging)) return;
  logger.error(
    "The disk of {root} does not keep extended attributes: tokens that have a quota may store nothing there",
    { root: path },
  );
}

async function uploadersOf(staging: string): Promise<Set<number>> {
  const pids = new Set<number>();
  for await (const { name } of Deno.readDir(staging)) {
    const [, host, pid] = OWNER.exec(name) ?? [];
    if (host === HOST) pids.add(Number(pid));
  }
  return pids;
}

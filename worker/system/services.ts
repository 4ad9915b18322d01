import { getLogger } from "@logtape/logtape";
import type { SystemServices } from "../../handlers/messages/mod.ts";
import type { ToldWorker } from "./told_worker.ts";

const logger = getLogger(["msquicd", "worker"]);

/**
 * Tells of a worker, its machine and its instance. What it takes is loaded when it is first asked for.
 *
 * @param worker Is asked for anew each time; there has to be one.
 */
export function systemServices(worker: () => ToldWorker): SystemServices {
  const disks = async (...storage: Parameters<SystemServices["disks"]>) => {
    const { disksOf } = await import("./disks.ts");
    return await disksOf(...storage);
  };
  return {
    async info(storage) {
      const { describeHost } = await import("./host.ts");
      // A machine can be told of without its storage.
      const found = await disks(storage).catch(() => ({ disks: [] }));
      return describeHost(worker(), found.disks);
    },
    async stats() {
      const { describeStats } = await import("./stats.ts");
      return describeStats(worker());
    },
    async processes(signal) {
      const { family, ...rest } = worker();
      try {
        return { processes: await family(signal) };
      } catch (error) {
        logger.debug("The manager does not tell of its processes: {error}", { error });
        const { describeThis } = await import("./this_process.ts");
        return { processes: [describeThis(rest)] };
      }
    },
    disks,
  };
}

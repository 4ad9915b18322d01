import { getLogger } from "@logtape/logtape";
import type { WorkerSlot } from "../supervision/worker_slot.ts";

const logger = getLogger(["msquicd", "manager"]);

/** How many of what a worker lists come at a time: a tenth of what it can be asked for, so that it is soon done. */
const PAGE = 100;

/** The most that is gathered of one worker. */
const MOST = 100_000;

/** A worker that can be asked. */
export type Asked = Pick<WorkerSlot, "port" | "request">;

/** What a worker is asked for. */
interface Page {
  readonly after?: number;
  readonly limit: number;
}

/**
 * Gathers what workers list page by page: between two pages they do other things.
 *
 * @param ask Asks one of them for a page.
 * @returns All there is, and the ports of those that did not answer, or have more than can be gathered.
 */
export async function gather<Item>(
  slots: readonly Asked[],
  ask: (slot: Asked, page: Page) => Promise<{ items: Item[]; next: number | undefined }>,
): Promise<{ items: Item[]; silent: number[] }> {
  const silent: number[] = [];
  const all = await Promise.all(slots.map(async (slot) => {
    const items: Item[] = [];
    try {
      let after: number | undefined;
      while (items.length < MOST) {
        const page = { limit: PAGE, ...(after === undefined ? {} : { after }) };
        const { items: more, next } = await ask(slot, page);
        items.push(...more);
        if (next === undefined) return items;
        after = next;
      }
      silent.push(slot.port);
    } catch (error) {
      silent.push(slot.port);
      logger.warning("Worker {port} does not tell of its clients: {error}", {
        port: slot.port,
        error,
      });
    }
    return items;
  }));
  return { items: all.flat(), silent };
}

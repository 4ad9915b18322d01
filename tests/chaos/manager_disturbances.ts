import { delay } from "../../base/mod.ts";
import type { Arena } from "./arena.ts";
import type { Disturbance } from "./disturbances.ts";

/** How long there may be no manager, in milliseconds: workers leave within two seconds. */
const LONGEST_GAP_MS = 3000;

/** `msquicd restart PORT` */
export const restartOne: Disturbance = {
  kind: "restart",
  weight: 2,
  async run(arena, giveWay) {
    giveWay();
    const port = arena.random.pick(arena.site.ports) ?? 0;
    arena.timeline.did("restart", `worker ${port}`);
    arena.touch(port);
    await order(arena, { workers: [port] });
    await arena.measure(port);
  },
};

/** `msquicd restart all --rolling` */
export const restartAll: Disturbance = {
  kind: "roll",
  weight: 2,
  async run(arena, giveWay) {
    giveWay();
    arena.timeline.did("roll", "all workers");
    arena.touch(...arena.site.ports);
    await order(arena, { workers: "all", rolling: true });
    arena.touch(...arena.site.ports);
  },
};

/** SIGKILL of the manager: its workers notice and leave; the next `start` takes over. */
export const killManager: Disturbance = {
  kind: "kill-manager",
  weight: 1,
  exclusive: true,
  async run(arena) {
    const gapMs = arena.random.between(0, LONGEST_GAP_MS);
    const pid = await arena.killManager();
    arena.timeline.did("kill-manager", `process ${pid}; start after ${gapMs} ms`);
    await delay(gapMs);
    const start = performance.now();
    await arena.start();
    const ms = performance.now() - start;
    arena.startTimes.push(ms);
    arena.timeline.saw(`started again in ${ms.toFixed()} ms`);
  },
};

/** Gives a command, which may come to nothing: something else happens at the same time. */
async function order(arena: Arena, parameters: Record<string, unknown>): Promise<void> {
  try {
    await arena.command("restart", parameters);
    arena.timeline.saw(`restart ${parameters.workers}: done`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    arena.timeline.saw(`restart ${parameters.workers}: ${reason}`);
  }
}

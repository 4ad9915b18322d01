import { delay } from "../../base/mod.ts";
import { isAlive, waitFor } from "../e2e/harness.ts";
import type { Disturbance } from "./disturbances.ts";
import { ForeignSocket } from "./foreign_socket.ts";
import { scribble } from "./segment_noise.ts";

/** How long to try to get a port before the next worker has it, in milliseconds. */
const STEAL_MS = 300;

/** SIGKILL: from one moment to the next the worker is gone. */
export const killWorker: Disturbance = {
  kind: "kill",
  weight: 6,
  async run(arena) {
    const victim = await arena.victim();
    if (victim === undefined) return;
    signal(victim.pid, "SIGKILL");
    arena.timeline.did("kill", `worker ${victim.port}, process ${victim.pid}`);
    await arena.measure(victim.port, arena.restartTimes);
  },
};

/** SIGTERM: as an administrator does who does not know the manager. */
export const terminateWorker: Disturbance = {
  kind: "terminate",
  weight: 2,
  async run(arena) {
    const victim = await arena.victim();
    if (victim === undefined) return;
    signal(victim.pid, "SIGTERM");
    arena.timeline.did("terminate", `worker ${victim.port}, process ${victim.pid}`);
    await gone(victim.pid);
    await arena.measure(victim.port);
  },
};

/**
 * SIGSTOP: the process lives, holds what it has, and does nothing. If the manager is killed before it has
 * noticed, it is left to the next.
 */
export const stallWorker: Disturbance = {
  kind: "stall",
  weight: 2,
  async run(arena, giveWay) {
    const victim = await arena.victim();
    if (victim === undefined) return;
    signal(victim.pid, "SIGSTOP");
    giveWay();
    arena.timeline.did("stall", `worker ${victim.port}, process ${victim.pid}`);
    await arena.measure(victim.port, arena.stallTimes);
    await gone(victim.pid);
  },
};

/** Rubbish in the shared memory: the worker may have to be replaced, the manager not. */
export const scribbleOnWorker: Disturbance = {
  kind: "scribble",
  weight: 3,
  async run(arena) {
    const victim = await arena.victim();
    if (victim === undefined) return;
    const what = await scribble(arena.site.instance, victim.port, arena.random);
    if (what === undefined) return;
    arena.timeline.did("scribble", `worker ${victim.port}: ${what}`);
    await arena.measure(victim.port);
  },
};

/** Another program takes the port while nobody has it. */
export const stealPort: Disturbance = {
  kind: "steal",
  weight: 3,
  async run(arena) {
    const shared = arena.random.next() < 0.5;
    const holdMs = arena.random.between(50, 1000);
    const victim = await arena.victim();
    if (victim === undefined) return;
    signal(victim.pid, "SIGKILL");
    await gone(victim.pid);
    // Again and again: the manager's own looks at the port are in the way.
    const endsAt = performance.now() + STEAL_MS;
    let socket = ForeignSocket.tryBind(victim.port, { shared });
    while (socket === undefined && performance.now() < endsAt) {
      await delay(1);
      socket = ForeignSocket.tryBind(victim.port, { shared });
    }
    if (socket === undefined) return arena.timeline.saw(`${victim.port} could not be stolen`);
    const how = shared ? "sharing" : "alone";
    arena.timeline.did("steal", `port ${victim.port} for ${holdMs} ms, ${how}`);
    await delay(holdMs);
    socket[Symbol.dispose]();
    await arena.measure(victim.port);
  },
};

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // It has gone by itself.
  }
}

async function gone(pid: number): Promise<void> {
  await waitFor(`process ${pid} is gone`, () => !isAlive(pid));
}

import { delay } from "../../base/mod.ts";
import type { Arena } from "./arena.ts";
import { floodWorker } from "./flood_disturbance.ts";
import { killManager, restartAll, restartOne } from "./manager_disturbances.ts";
import type { Random } from "./random.ts";
import {
  killWorker,
  scribbleOnWorker,
  stallWorker,
  stealPort,
  terminateWorker,
} from "./worker_disturbances.ts";

/** Something that should not happen, and does. */
export interface Disturbance {
  readonly kind: string;
  /** How often it happens, compared with the others. */
  readonly weight: number;
  /** Whether what was done to workers before must be over, and nothing else may begin meanwhile. */
  readonly exclusive?: boolean;
  /**
   * Does it, and waits until it is over.
   *
   * @param giveWay To be called when something exclusive may happen in the middle of the rest.
   */
  run(arena: Arena, giveWay: () => void): Promise<void>;
}

const DISTURBANCES: readonly Disturbance[] = [
  ...[killWorker, terminateWorker, stallWorker, scribbleOnWorker, stealPort],
  ...[restartOne, restartAll, killManager, floodWorker],
];

/** From one disturbance to the next, in milliseconds. */
const PAUSE_MS = { least: 50, most: 1000 };

/** Disturbs for a while, one thing while another still goes on; returns when everything is over. */
export async function disturb(arena: Arena, seconds: number): Promise<void> {
  const { random, timeline } = arena;
  const endsAt = performance.now() + seconds * 1000;
  const running = new Set<Promise<void>>();
  const obstacles = new Set<Promise<void>>();
  async function run(disturbance: Disturbance, giveWay: () => void): Promise<void> {
    try {
      await disturbance.run(arena, giveWay);
    } catch (error) {
      timeline.failed(`${disturbance.kind}: ${error instanceof Error ? error.message : error}`);
    } finally {
      giveWay();
    }
  }
  while (performance.now() < endsAt) {
    const pauseMs = random.between(PAUSE_MS.least, PAUSE_MS.most);
    await delay(pauseMs);
    const disturbance = choose(random);
    if (disturbance.exclusive) {
      await Promise.all(obstacles);
      await run(disturbance, () => {});
    } else {
      const { promise: obstacle, resolve: giveWay } = Promise.withResolvers<void>();
      obstacles.add(obstacle);
      void obstacle.then(() => obstacles.delete(obstacle));
      const course: Promise<void> = run(disturbance, giveWay).finally(() => running.delete(course));
      running.add(course);
    }
  }
  await Promise.all(running);
}

function choose(random: Random): Disturbance {
  const sum = DISTURBANCES.reduce((sum, { weight }) => sum + weight, 0);
  let ticket = random.next() * sum;
  return DISTURBANCES.find(({ weight }) => (ticket -= weight) < 0) ?? killWorker;
}

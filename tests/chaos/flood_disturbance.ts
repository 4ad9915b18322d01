import { delay } from "../../base/mod.ts";
import { flood } from "../floods/flood.ts";
import { FLOODS } from "../floods/floods.ts";
import type { Disturbance } from "./disturbances.ts";

/** A client without manners: thousands of silent connections, streams, requests or garbage, for some seconds. */
export const floodWorker: Disturbance = {
  kind: "flood",
  weight: 2,
  async run(arena) {
    const one = arena.random.pick(FLOODS);
    const port = arena.random.pick(arena.site.ports);
    const ms = arena.random.between(1000, 3000);
    if (one === undefined || port === undefined) return;
    arena.touch(port);
    arena.timeline.did("flood", `port ${port} for ${ms} ms: ${one.what}`);
    await using _flood = flood(one.name, { port, ...await arena.access() });
    await delay(ms);
  },
};

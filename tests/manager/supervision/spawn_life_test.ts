import assert from "node:assert/strict";
import { SegmentLedger } from "../../../manager/state/segment_ledger.ts";
import { EventExchange } from "../../../manager/supervision/event_exchange.ts";
import { spawnLife } from "../../../manager/supervision/spawn_life.ts";
import { RateBoard } from "../../../manager/supervision/rate_board.ts";
import { TokenBoard } from "../../../manager/supervision/token_board.ts";
import { Sandbox } from "../fixtures/harness.ts";

Deno.test("spawnLife() notes the shared memory before it makes it", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const seen: { noted: boolean; made: string[] }[] = [];
  class Watched extends SegmentLedger {
    override async flush(): Promise<void> {
      await super.flush();
      const noted = Deno.readTextFileSync(box.state.segmentsFile).includes(box.instance);
      seen.push({ noted, made: box.segments() });
    }
  }
  const spawning = spawnLife({
    command: { path: box.state.path, args: [] }, // a directory cannot be started
    config: {
      ...{ instance: box.state.instance, host: "127.0.0.1", port: 4433, root: box.state.path },
      ...{ certificateFile: "", privateKeyFile: "", token: "", logLevel: "info" },
      logFormat: "pretty",
    },
    generation: 1,
    ports: { letGo: () => {} },
    segments: new Watched(box.state.segmentsFile),
    family: () => Promise.resolve([]),
    events: new EventExchange(),
    tokens: new TokenBoard([]),
    rates: new RateBoard(),
    deadlines: { startMs: 1000, readyMs: 1000, stallMs: 1000 },
  });
  await assert.rejects(spawning);
  assert.deepEqual(seen, [{ noted: true, made: [] }]);
  assert.deepEqual(box.segments(), []);
});

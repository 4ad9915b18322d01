/**
 * Measures what one client without manners costs another one: `deno task floods [--seconds 3] [--limits JSON]`.
 * For each kind of flood, the times of another client's pings before and meanwhile. With `--realtime`, to be
 * started by `chrt -r 5`, what else the machine does is in nobody's way. Linux only.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { delay } from "../../base/mod.ts";
import { type Client, connect } from "../../client/mod.ts";
import { Site } from "../e2e/harness.ts";
import { flood } from "./flood.ts";
import { FLOODS, type FloodTarget } from "./floods.ts";

/** From one ping to the next, in milliseconds. */
const PAUSE_MS = 2;

/** How long a flood runs before pings are timed, in milliseconds. */
const RISE_MS = 1500;

/** How long the server may take to be as it was, in milliseconds. */
const CALM_MS = 6000;

async function pings(client: Client, ms: number): Promise<number[]> {
  const times: number[] = [];
  for (const end = performance.now() + ms; performance.now() < end;) {
    times.push((await client.ping()).ms);
    await delay(PAUSE_MS);
  }
  return times.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2);
}

async function during<Result>(
  name: string,
  target: FloodTarget,
  run: () => Promise<Result>,
): Promise<Result> {
  // Whoever floods has a machine of its own, and takes no processor from server and pings.
  await using _flood = flood(name, target, realtime ? ["chrt", "-r", "1"] : []);
  await delay(RISE_MS);
  return await run();
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seconds: { type: "string", default: "3" },
    limits: { type: "string", default: "{}" },
    realtime: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const { realtime } = values;
const ms = Number(values.seconds) * 1000;
async function main(): Promise<void> {
  await using site = await Site.create(1);
  const config = site.path("floods.jsonc");
  await Deno.writeTextFile(config, `{ "limits": ${values.limits} }`);
  const manager = await site.start("--config", config);
  const token = await site.token();
  const target = { port: site.ports[0]!, token, fingerprint: manager.report.fingerprint };
  const { port, fingerprint } = target;
  await using client = await connect({ server: `127.0.0.1:${port}`, token, fingerprint });
  await pings(client, ms);
  console.log("| flood | p50 before, ms | p50 | p99 before, ms | p99 |\n| - | -: | -: | -: | -: |");
  for (const { name } of FLOODS) {
    if (values.only !== undefined && name !== values.only) continue;
    const before = await pings(client, ms);
    const meanwhile = await during(name, target, () => pings(client, ms));
    const row = [0.5, 0.99].flatMap((share) =>
      [before, meanwhile].map((one) => quantile(one, share))
    );
    console.log(`| ${name} | ${row.join(" | ")} |`);
    await delay(CALM_MS);
  }
  await site.run("shutdown");
  await manager.finished;
}

await main();
// What tests have loaded beforehand would keep the process.
Deno.exit();

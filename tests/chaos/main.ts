/**
 * Disturbs a server under load in every way that can be thought of, and looks whether anything is lost:
 * `deno task chaos --seconds 60 --seed 1`. Linux only.
 *
 * @module
 */
import { Arena } from "./arena.ts";
import { disturb } from "./disturbances.ts";
import { Ledger, Load } from "./load.ts";
import { OptionError, parseOptions, USAGE } from "./options.ts";
import { Random } from "./random.ts";
import { summarize } from "./summary.ts";
import { Timeline } from "./timeline.ts";
import { verify } from "./verify.ts";

const LOADS = 2;

/** How long what is under way may take when everything works again, in milliseconds. */
const STOP_MS = 60_000;

async function main(args: string[]): Promise<number> {
  const { seconds, seed, log } = parseOptions(args);
  console.log(`chaos for ${seconds} s, seed ${seed}`);
  const timeline = new Timeline();
  const random = new Random(seed);
  await using arena = await Arena.open(random, timeline);
  const ledger = new Ledger(timeline);
  try {
    await run(arena, ledger, seconds);
  } catch (error) {
    timeline.failed(error instanceof Error ? error.message : String(error));
  }
  if (log !== undefined) await Deno.writeTextFile(log, arena.log);
  console.log(`\n${summarize(arena, ledger)}`);
  const { failures } = timeline;
  if (failures.length === 0) {
    console.log("Nothing is lost, and nothing is left behind");
    return 0;
  }
  console.log(`\n${failures.length} failures:\n${failures.join("\n")}`);
  console.log(`\nRepeat with: deno task chaos --seconds ${seconds} --seed ${seed}`);
  return 1;
}

async function run(arena: Arena, ledger: Ledger, seconds: number): Promise<void> {
  const { site, timeline, random } = arena;
  await arena.start();
  const access = await arena.access();
  const scratch = site.path("scratch");
  await Deno.mkdir(scratch);
  await using loads = new AsyncDisposableStack();
  const running = Array.from({ length: LOADS }, (_, index) => {
    const order = {
      ...access,
      ...{ root: site.root, scratch, prefix: `load-${index}`, seed: random.between(0, 2 ** 31) },
      server: site.ports.map((port) => `127.0.0.1:${port}`),
    };
    return loads.use(new Load(order, ledger, timeline));
  });
  await disturb(arena, seconds);
  timeline.saw("no more disturbances");
  await Promise.all(running.map((load) => load.stop(STOP_MS)));
  await Promise.all(site.ports.map((port) => arena.measure(port)));
  await verify(site.root, ledger, timeline);
  const { code, stderr } = await site.run("shutdown");
  if (code !== 0) timeline.failed(`shutdown: exit code ${code}: ${stderr}`);
  await site.assertNothingLeft();
}

// Ends it too: a port that tests hold for as long as they run would keep it.
try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  Deno.exit(2);
}

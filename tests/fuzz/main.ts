/**
 * Tries what no client of good will sends, against a worker and its codec: `deno task fuzz --cases 100000
 * --seed 1`. Linux only.
 *
 * @module
 */
import { Arena } from "./arena.ts";
import { laneOf, makeCase } from "./cases.ts";
import { checkAfterwards, quarters } from "./checks.ts";
import { Findings } from "./findings.ts";
import { Lane } from "./lane.ts";
import { type FuzzOptions, OptionError, parseOptions, USAGE } from "./options.ts";
import { Tally } from "./tally.ts";
import { facts, type Sample, Watch } from "./watch.ts";

/** How many clients there are at once, and how many cases each of them tries at once. */
const LANES = 8;
const AT_ONCE = 8;

/** How often it is said how far it is, in milliseconds. */
const PROGRESS_MS = 10_000;

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  const { cases, seed, log } = options;
  console.log(`fuzz: ${cases} cases, seed ${seed}`);
  const findings = new Findings();
  const tally = new Tally();
  await using arena = await Arena.start();
  const filesBefore = facts(arena.startedAs).files;
  const watch = new Watch(arena, findings);
  const begin = performance.now();
  const tried = await tryAll(options, arena, findings, tally);
  const seconds = (performance.now() - begin) / 1000;
  await watch.stop();
  await checkAfterwards(arena, watch.samples, filesBefore, findings);
  if (log !== undefined) await Deno.writeTextFile(log, arena.log);
  console.log(`\n${summary(tried, seconds, tally, watch.samples)}`);
  if (findings.counts.size === 0) {
    console.log("No crash, no hang, no leak, nothing outside of the root");
    return 0;
  }
  const found = Array.from(findings.counts, ([what, count]) => `${count} times: ${what}`);
  console.log(`\n${found.join("\n")}`);
  console.log(`\nRepeat with: deno task fuzz --cases ${cases} --seed ${seed}; one case: --only N`);
  return 1;
}

/** @returns How many cases were tried. */
async function tryAll(
  { cases, seed, only }: FuzzOptions,
  { target, identities, bad, secrets }: Arena,
  findings: Findings,
  tally: Tally,
): Promise<number> {
  const last = Math.min(only?.last ?? Infinity, cases - 1);
  let next = only?.first ?? 0;
  let done = 0;
  const lanes = Array.from({ length: LANES }, (_, index) => {
    // The owner's token is what most of them have.
    const identity = identities[index % LANES] ?? identities[0]!;
    return new Lane({ target, identity, bad, secrets, findings, tally });
  });
  const progress = setInterval(() => console.log(`  ${done} tried`), PROGRESS_MS);
  const workers = Array.from({ length: LANES * AT_ONCE }, async () => {
    while (next <= last) {
      const index = next++;
      await lanes[laneOf(seed, index, LANES)]?.try(index, makeCase(seed, index));
      done++;
    }
  });
  await Promise.all(workers);
  clearInterval(progress);
  for (const lane of lanes) lane[Symbol.dispose]();
  return done;
}

function summary(
  tried: number,
  seconds: number,
  tally: Tally,
  samples: readonly Sample[],
): string {
  const pings = samples.map(({ pingMs }) => pingMs).sort((a, b) => a - b);
  const at = (share: number) => pings[Math.floor((pings.length - 1) * share)]?.toFixed(1) ?? "?";
  const memory = samples.map(({ rssBytes }) => rssBytes >> 20);
  const [third, last] = quarters(samples);
  const rate = Math.round(tried / seconds);
  return [
    ...tally.lines(),
    `tried              ${tried} in ${seconds.toFixed(0)} s, ${rate} a second`,
    `memory             ${memory[0]} MB at first, ${Math.max(...memory)} MB at most; ` +
    `${third >> 20} MB in the third quarter, ${last >> 20} MB in the last`,
    `files open         ${samples[0]?.files} at first, ${samples.at(-1)?.files} at last`,
    `kept uploads       ${Math.max(...samples.map(({ kept }) => kept))} at most`,
    `an honest ping     p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms`,
  ].join("\n");
}

try {
  // What is left of Deno's QUIC keeps the process from ending by itself.
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  Deno.exit(2);
}

import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { Random } from "../chaos/random.ts";
import { isAlive, processesOf, Site } from "./harness.ts";

/** How long it goes on, in milliseconds; then comes an ordinary start, which has to tidy up. */
const DURATION_MS = 4000;

/** About how long a start takes, and a stop, in milliseconds. */
const START_MS = 500;
const STOP_MS = 150;

/** What a run that failed has printed, to do the same again. */
function chosenSeed(): number | undefined {
  const text = Deno.env.get("MSQUICD_TEST_SEED");
  if (!text) return undefined;
  const seed = Number(text);
  assert.ok(Number.isInteger(seed) && seed >= 0, `MSQUICD_TEST_SEED is no whole number: ${text}`);
  return seed;
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** The manager, all workers, or both, or some: at the same moment. */
function killSome(site: Site, manager: number, random: Random): string {
  const workers = processesOf(site.instance).filter((pid) => pid !== manager);
  const what = random.pick(["manager", "workers", "all", "some"]);
  if (what !== "workers") kill(manager);
  for (const pid of workers) {
    if (what === "workers" || what === "all") kill(pid);
    if (what === "some" && random.next() < 0.5) kill(pid);
  }
  return what ?? "";
}

async function round(site: Site, random: Random): Promise<void> {
  const when = random.pick(["starting", "ready", "stopping"]);
  const ports = site.ports.join(",");
  if (when === "starting") {
    const args = ["start", "--no-shell", "--ports", ports, "--root", site.root];
    const { pid, finished } = site.spawn(...args);
    await delay(random.between(0, START_MS));
    console.log(`  while starting: killed ${killSome(site, pid, random)}`);
    kill(pid);
    await finished;
    return;
  }
  const { pid, child, finished } = await site.start();
  if (when === "stopping") {
    child.kill("SIGTERM");
    await delay(random.between(0, STOP_MS));
  }
  console.log(`  while ${when}: killed ${isAlive(pid) ? killSome(site, pid, random) : "nothing"}`);
  await delay(random.between(0, 50));
  kill(pid);
  await finished;
}

Deno.test("Whatever is killed at whatever moment, the next start and stop leave nothing", async () => {
  const random = new Random(chosenSeed() ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`  again with: MSQUICD_TEST_SEED=${random.seed}`);
  await using site = await Site.create(2);
  const endsAt = performance.now() + DURATION_MS;
  while (performance.now() < endsAt) await round(site, random);
  await site.start();
  await site.json("shutdown");
  await site.assertNothingLeft();
});

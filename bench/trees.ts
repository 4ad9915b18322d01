/**
 * Measures what commands take for very many files in one directory: `deno task bench:trees [COUNT]`, by
 * default 200,000 of some bytes. docs/transfers.md has the figures. Linux only.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { delay } from "../base/mod.ts";
import { instanceName, msquicdCommand } from "./command.ts";
import { cpuMs, peakResidentBytes } from "./process_status.ts";

const COUNT = 200_000;

/** How often to look, in milliseconds. */
const LOOK_MS = 5;

/** What a command has taken. */
interface Taken {
  /** Until the first file was there, in milliseconds: by the clock, and of the processor. */
  first?: { ms: number; cpuMs: number };
  /** Until it ended. */
  ms: number;
  cpuMs: number;
  peakBytes: number;
}

/**
 * Runs a command, and looks at its process meanwhile.
 *
 * @param isBegun Whether the first file is there.
 */
async function measure(command: Deno.Command, isBegun?: () => boolean): Promise<Taken> {
  const start = performance.now();
  const child = command.spawn();
  const drained = child.stdout.pipeTo(new WritableStream());
  const taken: Taken = { ms: 0, cpuMs: 0, peakBytes: 0 };
  let over = false;
  const ended = child.status.finally(() => over = true);
  while (!over) {
    try {
      taken.cpuMs = cpuMs(Deno.readTextFileSync(`/proc/${child.pid}/stat`));
      const peak = peakResidentBytes(Deno.readTextFileSync(`/proc/${child.pid}/status`));
      if (!Number.isNaN(peak)) taken.peakBytes = peak;
    } catch {
      break; // it has ended
    }
    if (taken.first === undefined && isBegun?.() === true) {
      taken.first = { ms: performance.now() - start, cpuMs: taken.cpuMs };
    }
    await delay(taken.first === undefined ? LOOK_MS : LOOK_MS * 20);
  }
  const { code } = await ended;
  await drained;
  if (code !== 0) throw new Error(`The command ended with code ${code}`);
  return { ...taken, ms: performance.now() - start };
}

function hasFiles(directory: string): boolean {
  try {
    for (const _ of Deno.readDirSync(directory)) return true;
  } catch {
    // not yet made
  }
  return false;
}

function print(what: string, { first, ms, cpuMs, peakBytes }: Taken): void {
  const columns = [
    what.padEnd(16),
    first === undefined ? "" : `${first.ms.toFixed()} ms (${first.cpuMs} ms cpu)`,
    `${(ms / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s cpu)`,
    `${(peakBytes / 2 ** 20).toFixed()} MiB`,
  ];
  console.log(columns.map((column) => column.padEnd(24)).join("").trimEnd());
}

async function main(count: number): Promise<void> {
  // Where there is one, in memory: it is not the disk that is measured.
  const dir = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const directory = await Deno.makeTempDir({ dir, prefix: "msquicd-trees-" });
  const instance = instanceName();
  const run = (...args: string[]) => msquicdCommand(args, { directory, instance });
  const here = join(directory, "many");
  const there = join(directory, "storage/many");
  const back = join(directory, "back");
  try {
    await Deno.mkdir(here);
    for (let index = 0; index < count; index++) {
      Deno.writeTextFileSync(join(here, `file-${index}`), `${index}\n`);
    }
    const started = await run(
      "start",
      "--detach",
      "--ports",
      "0",
      "--root",
      join(directory, "storage"),
    )
      .output();
    if (started.code !== 0) throw new Error("msquicd start has failed");
    console.log(`${count} files; load ${Deno.loadavg().map((load) => load.toFixed(1)).join(" ")}`);
    console.log(
      ["command", "first file", "all", "peak"].map((it) => it.padEnd(24)).join("").trimEnd(),
    );
    print("put", await measure(run("put", here), () => hasFiles(there)));
    print("put --update", await measure(run("put", here, "--update")));
    print("ls", await measure(run("ls", "many/")));
    const args = [there, "-printf", "%s %t %p\\n"];
    print("find -printf", await measure(new Deno.Command("find", { args, stdout: "piped" })));
    print("get -r", await measure(run("get", "-r", "many", "-o", back), () => hasFiles(back)));
    print("rm -r", await measure(run("rm", "-r", "many")));
  } finally {
    await run("shutdown", "--now").output();
    await Deno.remove(directory, { recursive: true });
  }
}

const [typed = `${COUNT}`] = Deno.args;
if (!/^[1-9]\d{0,6}$/.test(typed)) {
  console.error("Usage: deno task bench:trees [COUNT]");
  Deno.exit(2);
}
await main(Number(typed));

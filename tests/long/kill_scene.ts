import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import type { Random } from "../chaos/random.ts";
import { type Finished, isAlive, names, type Running, Site, waitFor } from "../e2e/harness.ts";
import { randomData } from "../resume/bench.ts";

const MIB = 1024 * 1024;

/** So slow that a large file takes a second or two. */
const RATE = "12M";

/** Each has sent nothing for so long at most when a killed process is noticed by it, in milliseconds. */
const SETTLE_MS = 60_000;

export const DIRECTIONS = ["up", "down"] as const;
export const KINDS = ["large", "tree", "stream"] as const;
export const VICTIMS = ["client", "worker", "manager"] as const;

/** What is moved which way, and who is killed meanwhile. */
export interface Round {
  readonly direction: (typeof DIRECTIONS)[number];
  readonly kind: (typeof KINDS)[number];
  readonly victim: (typeof VICTIMS)[number];
  /** How long after the transfer was begun, in milliseconds. */
  readonly afterMs: number;
}

/** What came of it. */
export interface Outcome {
  /** Whether the client brought it to its end by itself. */
  readonly byItself: boolean;
  /** From which byte on it went on, when it was called again; of one file alone. */
  readonly resumedFrom: number | undefined;
}

export function roundOf(random: Random): Round {
  return {
    direction: random.pick(DIRECTIONS)!,
    kind: random.pick(KINDS)!,
    victim: random.pick(VICTIMS)!,
    afterMs: random.between(200, 2500),
  };
}

/** An instance that is killed in parts, and files that are moved meanwhile. */
export class KillScene implements AsyncDisposable {
  readonly #site: Site;
  #manager: Running;
  /** What is to be in the storage: paths of the files that it was made of, by names. */
  readonly #stored = new Map<string, string>();
  #rounds = 0;

  private constructor(site: Site, manager: Running) {
    this.#site = site;
    this.#manager = manager;
  }

  static async open(): Promise<KillScene> {
    const site = await Site.create(2);
    const manager = await site.start();
    return new KillScene(site, manager);
  }

  /** Moves something, kills somebody meanwhile, and brings it to its end. @throws Something is not as it should be. */
  async run(round: Round, random: Random): Promise<Outcome> {
    await this.#serving();
    const name = `${round.kind}-${this.#rounds++}`;
    const source = this.#site.path("sources", name);
    await makeSource(source, round.kind, random);
    if (round.direction === "down") {
      const { code, stderr } = await this.#site.run("put", source, "--to", name);
      assert.equal(code, 0, stderr);
      this.#noteStored(name, source);
    }
    const target = this.#site.path("targets", name);
    const first = this.#begin(round, { source, name, target });
    await delay(round.afterMs);
    await this.#kill(round, first);
    const { code } = await first.finished;
    const byItself = code === 0 && round.victim !== "client";
    let resumedFrom: number | undefined;
    if (code !== 0) {
      const { code, stdout, stderr } = await this.#again(round, { source, name, target });
      assert.equal(code, 0, `called again: ${stdout}${stderr}`);
      if (round.kind === "large") resumedFrom = JSON.parse(stdout)[0].resumedFrom;
    }
    if (round.direction === "up") this.#noteStored(name, source);
    else await compare(source, target, round.kind);
    await this.#compareStorage();
    return { byItself, resumedFrom };
  }

  /** Checks that nothing is left of what was killed. */
  async settle(): Promise<void> {
    const staging = join(this.#site.root, ".msquicd", "uploads");
    await waitFor(
      "nothing is staged any more",
      () => names(staging).length === 0,
      SETTLE_MS,
    ).catch((error) => assert.fail(`${error}: ${names(staging)}`));
    await this.#compareStorage();
    const { code, stderr } = await this.#site.run("verify", "-r");
    assert.equal(code, 0, stderr);
    assert.equal((await this.#site.run("shutdown")).code, 0);
    await this.#manager.finished;
    await this.#site.assertNothingLeft();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#site[Symbol.asyncDispose]();
  }

  /** Workers that are killed often are started again after a while only. */
  async #serving(): Promise<void> {
    type Status = { workers: { state: string }[] };
    await waitFor("all workers are ready", async () => {
      const { workers } = await this.#site.json<Status>("status");
      return workers.every(({ state }) => state === "ready") || undefined;
    });
  }

  #begin(round: Round, places: Places): Running {
    const args = [...argsOf(round, places), "--limit-rate", RATE];
    if (round.kind !== "stream") return this.#site.spawn(...args);
    const [from, to] = round.direction === "up"
      ? [places.source, "/dev/null"]
      : ["/dev/null", places.target];
    const [program, ...words] = this.#site.commandLine(...args);
    // The shell becomes the client, which is killed by its own id.
    const script = 'exec "$@" <"$FROM" >"$TO"';
    return this.#site.spawnProgram("sh", ["-c", script, "sh", program, ...words], {
      env: { ...this.#site.env, FROM: from, TO: to },
    });
  }

  async #again(round: Round, places: Places): Promise<Finished> {
    if (round.kind === "stream") return await this.#begin(round, places).finished;
    return await this.#site.run(...argsOf(round, places));
  }

  async #kill({ victim }: Round, client: Running): Promise<void> {
    if (victim === "client") return kill(client.pid);
    if (victim === "worker") {
      const { workers } = await this.#site.json<{ workers: { pid: number }[] }>("status");
      // Whichever it uses: the other one is killed a moment later.
      for (const { pid } of workers) {
        kill(pid);
        await delay(50);
      }
      return;
    }
    const { pid } = this.#manager;
    kill(pid);
    await waitFor("the manager is gone", () => !isAlive(pid));
    this.#manager = await this.#site.start();
  }

  #noteStored(name: string, source: string): void {
    if (!Deno.statSync(source).isDirectory) {
      this.#stored.set(name, source);
      return;
    }
    for (const file of names(source)) this.#stored.set(`${name}/${file}`, join(source, file));
  }

  /** Every file has its bytes, and there is no other. */
  async #compareStorage(): Promise<void> {
    const { root } = this.#site;
    assert.deepEqual(filesBelow(root), [...this.#stored.keys()].sort());
    for (const [name, source] of this.#stored) await compareFile(source, join(root, name));
  }
}

interface Places {
  readonly source: string;
  readonly name: string;
  readonly target: string;
}

function argsOf({ direction, kind }: Round, { source, name, target }: Places): string[] {
  if (direction === "up") {
    return kind === "stream" ? ["put", "-", "--to", name] : ["put", source, "--to", name, "--json"];
  }
  if (kind === "stream") return ["get", name, "-o", "-"];
  return ["get", ...(kind === "tree" ? ["-r", "--update"] : []), name, "-o", target, "--json"];
}

async function makeSource(path: string, kind: Round["kind"], random: Random): Promise<void> {
  await Deno.mkdir(kind === "tree" ? path : join(path, ".."), { recursive: true });
  await Deno.mkdir(join(path, "../../targets"), { recursive: true });
  if (kind !== "tree") return await Deno.writeFile(path, randomData(random.between(8, 20) * MIB));
  for (let index = 0; index < 300; index++) {
    const size = index % 100 === 99 ? 2 * MIB : random.between(0, 40_000);
    await Deno.writeFile(join(path, `f${index}`), randomData(size));
  }
}

async function compare(source: string, target: string, kind: Round["kind"]): Promise<void> {
  if (kind !== "tree") {
    await compareFile(source, target);
    const others = names(join(target, "..")).filter((name) => name.startsWith("."));
    assert.deepEqual(others, [], "hidden files are left beside the target");
    return;
  }
  assert.deepEqual(names(target), names(source));
  for (const name of names(source)) await compareFile(join(source, name), join(target, name));
}

async function compareFile(one: string, other: string): Promise<void> {
  const [a, b] = await Promise.all([Deno.readFile(one), Deno.readFile(other)]);
  assert.ok(Buffer.compare(a, b) === 0, `${other} (${b.length} bytes) is not as ${one}`);
}

function filesBelow(directory: string, prefix = ""): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(directory)) {
    if (prefix === "" && entry.name === ".msquicd") continue;
    const name = prefix + entry.name;
    if (entry.isDirectory) found.push(...filesBelow(join(directory, entry.name), `${name}/`));
    else found.push(name);
  }
  return found.sort();
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // it was faster
  }
}

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import { type Running, Site, type StartReport, waitFor } from "../e2e/harness.ts";
import { BadNetwork, type Impairments } from "../fixtures/network.ts";
import { randomData } from "../resume/bench.ts";

/** How long anything may take, in milliseconds. */
const LONGEST_MS = 240_000;

/** What `put --json` and `get --json` print of a file. */
export interface Transferred {
  name: string;
  bytes: number;
  ms: number;
  resumedFrom: number;
}

/** A transfer that is under way, as a process of its own. */
export interface Transfer {
  readonly running: Running;
  /** Waits for its end, which must be a success, and compares every byte. */
  done(): Promise<Transferred>;
  /** Waits until some of it has arrived. */
  begun(): Promise<void>;
  /** Waits until it says that it goes on; tells when that was, by `performance.now()`. */
  goesOn(): Promise<number>;
  /** The same again. */
  again(): Transfer;
}

/** A manager with one worker, a network before it, and the programs that use it, as users do. */
export class Scene implements AsyncDisposable {
  readonly site: Site;
  readonly network: BadNetwork;
  readonly manager: Running & { report: StartReport };

  private constructor(
    site: Site,
    network: BadNetwork,
    manager: Running & { report: StartReport },
  ) {
    this.site = site;
    this.network = network;
    this.manager = manager;
  }

  static async open(impairments: Impairments & { rttMs?: number; seed?: number }): Promise<Scene> {
    await using resources = new AsyncDisposableStack();
    const site = resources.use(await Site.create(1));
    const manager = await site.start();
    const { ports: targets } = manager.report;
    const network = resources.use(await BadNetwork.start({ targets, ...impairments }));
    resources.move();
    return new Scene(site, network, manager);
  }

  /** Runs a command for the server behind the network. */
  spawn(command: string, ...args: string[]): Running {
    const token = Deno.readTextFileSync(join(this.site.state, "token")).trim();
    const { fingerprint } = this.manager.report;
    const server = `127.0.0.1:${this.network.port}`;
    return this.site.spawn(
      ...[command, ...args],
      ...["--server", server, "--token", token, "--fingerprint", fingerprint, "--json"],
    );
  }

  /** Begins to store a file of random bytes. */
  async put(name: string, size: number, ...flags: string[]): Promise<Transfer> {
    const data = randomData(size);
    const path = this.site.path(name);
    await Deno.writeFile(path, data);
    const staging = join(this.site.root, ".msquicd", "uploads");
    const stored = join(this.site.root, name);
    const begin = (): Transfer => {
      const running = this.spawn("put", path, ...flags);
      return {
        running,
        begun: () => arriving(staging, /./, running),
        goesOn: () => goesOn(running),
        done: () => succeed(running, stored, data),
        again: begin,
      };
    };
    return begin();
  }

  /** Begins to fetch a file of random bytes. */
  async get(name: string, size: number, ...flags: string[]): Promise<Transfer> {
    const data = randomData(size);
    await Deno.writeFile(join(this.site.root, name), data);
    const path = this.site.path(`${name}.copy`);
    const begin = (): Transfer => {
      const running = this.spawn("get", name, "-o", path, ...flags);
      return {
        running,
        begun: () => arriving(this.site.directory, /msquicd-part$/, running),
        goesOn: () => goesOn(running),
        done: () => succeed(running, path, data),
        again: begin,
      };
    };
    return begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.site[Symbol.asyncDispose]();
  }
}

/** Waits until there is a file of some size in a directory. */
async function arriving(directory: string, name: RegExp, running: Running): Promise<void> {
  let over = false;
  void running.finished.then(() => over = true);
  await waitFor("it is under way", () => {
    assert.ok(!over, `It has ended: ${running.stdout}${running.stderr}`);
    for (const entry of Deno.readDirSync(directory)) {
      if (entry.isFile && name.test(entry.name) && sizeOf(join(directory, entry.name)) > 0) {
        return true;
      }
    }
  });
  await delay(500);
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0; // gone since
  }
}

/** Waits for the line that says so. */
async function goesOn(running: Running): Promise<number> {
  const end = await Promise.race([
    waitFor("it goes on", () => /going on$/m.test(running.stderr), LONGEST_MS),
    running.finished,
  ]);
  if (end !== true) assert.fail(`It has ended: ${end.stdout}${end.stderr}`);
  return performance.now();
}

async function succeed(running: Running, path: string, data: Uint8Array): Promise<Transferred> {
  const { code, stdout, stderr } = await running.finished;
  assert.equal(code, 0, stdout + stderr);
  assert.equal(Buffer.compare(await Deno.readFile(path), data), 0, `${path} has other bytes`);
  const [result] = JSON.parse(stdout);
  return result;
}

import assert from "node:assert/strict";
import { join } from "node:path";
import { freePorts } from "../fixtures/free_ports.ts";
import { names, type Running, type Site, type StartReport, waitFor } from "../e2e/harness.ts";
import { json, type Side } from "./side.ts";

/** What `status --json` tells, as far as it is looked at. */
export interface Status {
  state: string;
  msquic: string;
  workers: { port: number; pid: number; state: string; restarts: number }[];
}

/** How to start one. */
export interface ServerOptions {
  /** By default free ones. */
  ports?: readonly number[];
  /** More flags of `start`. */
  flags?: readonly string[];
}

/** What stays of an instance on purpose. */
const KEPT = ["cert.pem", "key.pem", "manager.lock", "ports.json", "token"];

/** An instance of msquicd with three workers. */
export class Server {
  readonly side: Side;
  readonly instance: string;
  readonly report: StartReport;
  readonly running: Running;
  /** Where its files are, in our writing. */
  readonly root: string;

  private constructor(
    side: Side,
    site: Site,
    instance: string,
    running: Running,
    report: StartReport,
  ) {
    this.side = side;
    this.instance = instance;
    this.running = running;
    this.report = report;
    this.root = rootOf(site, instance);
  }

  /** Starts one, and waits until its workers are ready. */
  static async start(
    side: Side,
    site: Site,
    name: string,
    { ports, flags: more = [] }: ServerOptions = {},
  ): Promise<Server> {
    const instance = `${site.instance}-${name}`;
    const flags = {
      "--ports": (ports ?? await freePorts(3)).join(","),
      "--root": side.theirs(rootOf(site, instance)),
      "--instance": instance,
    };
    const words = [...Object.entries(flags).flat(), ...more];
    const running = side.spawn(["start", "--no-shell", "--json", ...words]);
    const over = running.finished.then(({ code, stdout, stderr }) =>
      assert.fail(`The manager ended with code ${code}: ${stdout}${stderr}`)
    );
    over.catch(() => {}); // of interest only until it is ready
    const ready = waitFor("the manager is ready", () => /\n$/.test(running.stdout));
    await Promise.race([ready, over]);
    const report: StartReport | { error: unknown } = JSON.parse(running.stdout);
    if ("error" in report) assert.fail(`${running.stdout}${running.stderr}`);
    return new Server(side, site, instance, running, report);
  }

  /** Process ids of the manager and its workers, as they were at the start. */
  get pids(): number[] {
    return [this.report.pid, ...this.report.workers.map(({ pid }) => pid)];
  }

  /** Its state directory, in our writing. */
  get state(): string {
    return this.side.ours(this.report.state);
  }

  /** Where its uploads are staged, in our writing. */
  get uploads(): string {
    return join(this.root, ".msquicd", "uploads");
  }

  get token(): string {
    return Deno.readTextFileSync(join(this.state, "token")).trim();
  }

  /** Runs a client or a command on this instance; one on another system is told where and who it is. */
  spawn(side: Side, ...args: string[]): Running {
    const { flags, env } = this.#access(side);
    return side.spawn([...args, ...flags], env);
  }

  /** Runs one with `--json`, which must succeed. */
  json<Value>(side: Side, ...args: string[]): Promise<Value> {
    const { flags, env } = this.#access(side);
    return json(side, [...args, ...flags], env);
  }

  status(): Promise<Status> {
    return this.json(this.side, "status");
  }

  /** Shuts it down, and waits until its process has ended. */
  async shutdown(): Promise<void> {
    await this.json(this.side, "shutdown");
    const { code } = await this.running.child.status;
    assert.equal(code, 0, this.running.stderr);
  }

  /**
   * Checks that it has left no files that should not stay.
   *
   * @param logs Names of log files that it was right to make.
   */
  assertTidy(logs: readonly string[] = []): void {
    assert.deepEqual(names(this.state), [...KEPT, ...logs].sort());
    assert.deepEqual(names(this.uploads), []);
  }

  #access(side: Side): { flags: string[]; env: Record<string, string> } {
    if (side === this.side) return { flags: ["--instance", this.instance], env: {} };
    const { ports, fingerprint } = this.report;
    return {
      flags: ["--server", `127.0.0.1:${ports.join(",")}`, "--fingerprint", fingerprint],
      env: { MSQUICD_TOKEN: this.token },
    };
  }
}

function rootOf(site: Site, instance: string): string {
  return site.path(`files of ${instance}`);
}

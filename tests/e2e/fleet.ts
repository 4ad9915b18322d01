import assert from "node:assert/strict";
import { join } from "node:path";
import { ManagerEnd, type Sibling } from "../../ipc/mod.ts";
import { makeTestCertificate, type TestCertificate } from "../fixtures/certificate.ts";
import { freePorts } from "../fixtures/free_ports.ts";
import { commandLineOf } from "./harness.ts";

const TOKEN = "a-token-for-the-fleet";
const BEAT_MS = 100;

/** How long starting and stopping may take before a test calls it stuck, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A worker process, and this side of its shared memory. */
interface Member {
  end: ManagerEnd;
  child: Deno.ChildProcess;
  /** Whether clients are sent to it. */
  listed: boolean;
}

/**
 * Worker processes that share a storage, and a manager that does what the test says and nothing by
 * itself, except that it tells every worker of the others.
 */
export class Fleet implements AsyncDisposable {
  readonly #certificate: TestCertificate;
  readonly #directory: string;
  readonly #members = new Map<number, Member>();
  readonly #beating: ReturnType<typeof setInterval>;
  #generation = 0;
  readonly ports: readonly number[];

  private constructor(certificate: TestCertificate, directory: string, ports: number[]) {
    this.#certificate = certificate;
    this.#directory = directory;
    this.ports = ports;
    this.#beating = setInterval(() => this.#beat(), BEAT_MS);
  }

  static async start(workers: number): Promise<Fleet> {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-fleet-" });
    const fleet = new Fleet(await makeTestCertificate(), directory, await freePorts(workers));
    await Promise.all(fleet.ports.map((port) => fleet.start(port)));
    return fleet;
  }

  get root(): string {
    return join(this.#directory, "storage");
  }

  /** What a client needs to connect to some of the workers; to all, if none are given. */
  access(ports: readonly number[] = this.ports) {
    const server = ports.map((port) => `127.0.0.1:${port}`);
    return { server, token: TOKEN, fingerprint: this.#certificate.fingerprint };
  }

  /** PEM of the workers' certificate. */
  get certificate(): Promise<string> {
    return Deno.readTextFile(this.#certificate.certificateFile);
  }

  /** How many sessions a worker has. */
  sessions(port: number): number {
    return this.#member(port).end.counters.sessions;
  }

  /** How many files go from or to a worker at the moment. */
  transfers(port: number): number {
    return this.#member(port).end.counters.transfers;
  }

  /** Starts a worker and waits until it is ready. */
  async start(port: number): Promise<void> {
    const end = ManagerEnd.create({ instance: "fleet", port, generation: ++this.#generation });
    const [path, ...args] = commandLineOf(["worker", "--segment", end.name]);
    const child = new Deno.Command(path, { args, stdin: "null", stdout: "null", stderr: "inherit" })
      .spawn();
    this.#members.set(port, { end, child, listed: false });
    const { certificateFile, privateKeyFile } = this.#certificate;
    await end.send({
      type: "start",
      config: {
        instance: "fleet",
        host: "127.0.0.1",
        port,
        root: this.root,
        certificateFile,
        privateKeyFile,
        token: TOKEN,
        logLevel: "warning",
        logFormat: "pretty",
      },
    });
    for await (const message of end.messages(AbortSignal.timeout(PATIENCE_MS))) {
      assert.equal(message.type, "ready", JSON.stringify(message));
      break;
    }
    this.#member(port).listed = true;
    await this.#tellAll();
  }

  /** Has a worker leave in order; returns how long that took, in milliseconds. */
  async stop(port: number, deadlineMs: number): Promise<number> {
    const member = this.#member(port);
    member.listed = false;
    await this.#tellAll();
    const start = performance.now();
    await member.end.send({ type: "stop", deadlineMs });
    const { code } = await member.child.status;
    const ms = performance.now() - start;
    assert.equal(code, 0);
    await this.#bury(port);
    return ms;
  }

  /** Ends a worker on the spot. */
  async kill(port: number): Promise<void> {
    const { child } = this.#member(port);
    child.kill("SIGKILL");
    await child.status;
    await this.#bury(port);
    await this.#tellAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#members.keys(), (port) => this.kill(port)));
    clearInterval(this.#beating);
    this.#certificate[Symbol.dispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }

  #member(port: number): Member {
    const member = this.#members.get(port);
    assert.ok(member, `No worker on port ${port}`);
    return member;
  }

  async #bury(port: number): Promise<void> {
    const { end } = this.#member(port);
    this.#members.delete(port);
    await end[Symbol.asyncDispose]();
  }

  #beat(): void {
    for (const { end } of this.#members.values()) end.beat();
  }

  /** Tells every worker of the others; a test that changes loads calls it itself. */
  async tell(): Promise<void> {
    await this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    await Promise.all(
      Array.from(
        this.#members,
        ([port, { end }]) => end.send({ type: "siblings", siblings: this.#siblingsOf(port) }),
      ),
    );
  }

  #siblingsOf(port: number): Sibling[] {
    return Array.from(this.#members)
      .filter(([other, { listed }]) => other !== port && listed)
      .map(([other, { end }]) => {
        const { sessions, transfers } = end.counters;
        return { port: other, sessions, transfers };
      })
      .sort((a, b) => a.sessions - b.sessions);
  }
}

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join, resolve } from "node:path";
import { delay } from "../../base/mod.ts";
import { freePorts } from "../fixtures/free_ports.ts";

/** The compiled executable that is tested; `undefined` where the source is. */
export const EXECUTABLE: string | undefined = namedExecutable();
/** Folder of the source. */
export const SOURCE: string = fileURLToPath(new URL("../..", import.meta.url));
/** Folder of what is tested where there is no executable: the source, or what the runner made of it. */
const PROGRAM = Deno.env.get("MSQUICD_BUNDLE") ?? SOURCE;

/** How long anything may take before a test calls it stuck, in milliseconds. */
const PATIENCE_MS = 30_000;

/** How a process of ours ended. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** A process of ours, its output collected. */
export interface Running {
  readonly child: Deno.ChildProcess;
  readonly pid: number;
  /** What it has written to standard output so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly finished: Promise<Finished>;
}

/** What `start --json` prints. */
export interface StartReport {
  pid: number;
  host: string;
  ports: number[];
  fingerprint: string;
  state: string;
  workers: { port: number; pid: number; state: string }[];
}

function namedExecutable(): string | undefined {
  const path = Deno.env.get("MSQUICD_EXECUTABLE");
  return path ? resolve(path) : undefined;
}

/**
 * The command line of `msquicd`.
 *
 * @param folder Where its `main.ts` is, if it is no executable.
 */
export function commandLineOf(
  args: readonly string[],
  folder: string = PROGRAM,
): [program: string, ...args: string[]] {
  if (EXECUTABLE !== undefined) return [EXECUTABLE, ...args];
  const options = ["run", "--quiet", "--allow-all", "--config", join(folder, "deno.json")];
  return [Deno.execPath(), ...options, join(folder, "main.ts"), ...args];
}

/** What a process of ours finds when it starts. */
type Surroundings = Pick<Deno.CommandOptions, "env" | "clearEnv" | "cwd">;

function spawn(program: string, args: readonly string[], surroundings: Surroundings): Running {
  const child = new Deno.Command(program, {
    ...surroundings,
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const finished = Promise.all([child.status, stdout.ended, stderr.ended]).then(([{ code }]) => ({
    code,
    stdout: stdout.text,
    stderr: stderr.text,
  }));
  return {
    child,
    pid: child.pid,
    finished,
    get stdout() {
      return stdout.text;
    },
    get stderr() {
      return stderr.text;
    },
  };
}

function collect(stream: ReadableStream<Uint8Array>): { text: string; ended: Promise<void> } {
  const collected = { text: "", ended: Promise.resolve() };
  collected.ended = (async () => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) collected.text += piece;
  })();
  return collected;
}

/** Waits until `condition` returns something; looks often, gives up after the deadline. */
export async function waitFor<Value>(
  what: string,
  condition: () => Promise<Value | undefined | false> | Value | undefined | false,
  deadlineMs = PATIENCE_MS,
): Promise<Value> {
  const deadline = performance.now() + deadlineMs;
  while (true) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) assert.fail(`Waited ${deadlineMs} ms in vain: ${what}`);
    await delay(20);
  }
}

/** Whether a process is there and not merely a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** A place of its own for one test: state, storage, an instance name, and ports. */
export class Site implements AsyncDisposable {
  readonly directory: string;
  readonly instance: string;
  readonly ports: number[];
  /** Where msquicd is started; by default where the tests are. */
  cwd: string | undefined;
  /** What runs the site's commands: a program and arguments that come before theirs. */
  under: string[] = [];
  /** Folder of the msquicd that is started, if it is no executable. */
  program: string = PROGRAM;
  readonly #started: Running[] = [];
  readonly #pids = new Set<number>();

  private constructor(directory: string, ports: number[]) {
    this.directory = directory;
    this.ports = ports;
    this.instance = `e2e-${crypto.randomUUID().slice(0, 13)}`;
  }

  static async create(workers = 3): Promise<Site> {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-e2e-" });
    return new Site(directory, await freePorts(workers));
  }

  get root(): string {
    return join(this.directory, "storage");
  }

  get state(): string {
    return join(this.directory, "state", this.instance);
  }

  get env(): Record<string, string> {
    return {
      MSQUICD_STATE_DIR: join(this.directory, "state"),
      NO_COLOR: "1",
      MSQUICD_SERVER: "",
      MSQUICD_TOKEN: "",
      MSQUICD_FINGERPRINT: "",
      // An executable is tested with the libmsquic that it carries.
      ...(EXECUTABLE === undefined ? {} : { MSQUIC_PATH: "" }),
    };
  }

  /** The owner's access token, once the instance has been started. */
  async token(): Promise<string> {
    return (await Deno.readTextFile(join(this.state, "token"))).trim();
  }

  /** A path inside the test's directory. */
  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** The command line of `msquicd` on this site's instance. */
  commandLine(...args: string[]): [program: string, ...args: string[]] {
    return commandLineOf([...args, "--instance", this.instance], this.program);
  }

  /** Starts `msquicd` on this site's instance, without waiting for it. */
  spawn(...args: string[]): Running {
    const [program = "", ...words] = [...this.under, ...this.commandLine(...args)];
    return this.spawnProgram(program, words, {
      env: this.env,
      ...(this.cwd === undefined ? {} : { cwd: this.cwd }),
    });
  }

  /** Starts a program in other surroundings than the site's; it ends with the site at the latest. */
  spawnProgram(program: string, args: readonly string[], surroundings: Surroundings): Running {
    const running = spawn(program, args, surroundings);
    this.#started.push(running);
    return running;
  }

  /** Runs `msquicd` to its end. */
  run(...args: string[]): Promise<Finished> {
    return this.spawn(...args).finished;
  }

  /** Runs `msquicd … --json`, which must succeed. */
  async json<Value>(...args: string[]): Promise<Value> {
    const { code, stdout, stderr } = await this.run(...args, "--json");
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** Starts a manager and waits until all its workers are ready. */
  async start(...flags: string[]): Promise<Running & { report: StartReport }> {
    const ports = this.ports.join(",");
    const args = ["start", "--no-shell", "--json", "--ports", ports, "--root", this.root];
    const running = this.spawn(...args, ...flags);
    const over = running.finished.then(({ code, stdout, stderr }) =>
      assert.fail(`The manager ended with code ${code}: ${stdout}${stderr}`)
    );
    over.catch(() => {}); // of interest only until it is ready
    const ready = waitFor(
      "the manager is ready",
      () => running.stdout.endsWith("\n") && running.stdout,
    );
    const report: StartReport = JSON.parse(await Promise.race([ready, over]));
    this.#pids.add(report.pid);
    for (const { pid } of report.workers) this.#pids.add(pid);
    return Object.assign(running, { report });
  }

  /** Checks that processes, shared memory, sockets and temporary files are all gone. */
  async assertNothingLeft(): Promise<void> {
    await waitFor("its processes are gone", () => processesOf(this.instance).length === 0);
    const { instance } = this;
    const shared = names("/dev/shm").filter((name) => name.includes(instance));
    assert.deepEqual(shared, []);
    const state = names(this.state);
    assert.deepEqual(state.filter((name) => /sock|instance|tmp|segments/.test(name)), []);
    assert.deepEqual(names(join(this.root, ".msquicd", "uploads")), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, finished } of this.#started.reverse()) {
      const ended = await Promise.race([finished.then(() => true), delay(0)]);
      if (!ended) end(child);
      await finished;
    }
    for (const pid of [...this.#pids, ...processesOf(this.instance)]) {
      if (isAlive(pid) && commandLine(pid).includes(this.instance)) Deno.kill(pid, "SIGKILL");
    }
    for (const name of names("/dev/shm").filter((name) => name.includes(this.instance))) {
      await Deno.remove(join("/dev/shm", name));
    }
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** It may have ended by itself just now, and its output not have been read. */
function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Processes whose command line names the instance: the manager and its workers. */
export function processesOf(instance: string): number[] {
  return names("/proc").map(Number).filter((pid) =>
    Number.isInteger(pid) && isAlive(pid) && commandLine(pid).includes(instance)
  );
}

function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return "";
  }
}

/** Names in a directory; none where there is no directory. */
export function names(directory: string): string[] {
  try {
    return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** How long a file is, in bytes; 0 where there is none. */
export function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

import assert from "node:assert/strict";
import type { Finished, Site } from "../e2e/harness.ts";
import type { WindowsHost } from "./windows_host.ts";

/** Windows' own programs for looking at processes, and for ending them. */
export class SystemTools {
  readonly #host: WindowsHost;
  readonly #site: Site;

  constructor(host: WindowsHost, site: Site) {
    this.#host = host;
    this.#site = site;
  }

  /** Windows' name and version. */
  async version(): Promise<string> {
    return (await this.#run("cmd.exe", "/c", "ver")).stdout.trim();
  }

  /** Ids of all processes. */
  async processes(): Promise<Set<number>> {
    return new Set((await this.#list()).map(({ pid }) => pid));
  }

  /** How many processes a program has. */
  async count(program: string): Promise<number> {
    return (await this.#list()).filter(({ name }) => name === program).length;
  }

  /** Those of `pids` that are still there. */
  async alive(pids: readonly number[]): Promise<number[]> {
    const present = await this.processes();
    return pids.filter((pid) => present.has(pid));
  }

  /** Ends a process on the spot. */
  async kill(pid: number): Promise<void> {
    const { code, stdout, stderr } = await this.#run("taskkill.exe", "/F", "/PID", String(pid));
    assert.equal(code, 0, stdout + stderr);
  }

  /** Gives everybody the right to read a folder. */
  async letEverybodyIn(path: string): Promise<void> {
    const { code, stdout, stderr } = await this.#run("icacls.exe", path, "/grant", "*S-1-1-0:R");
    assert.equal(code, 0, stdout + stderr);
  }

  /** Tells all windows that the user logs off, as Wine does it; returns when they have answered. */
  async endSession(): Promise<void> {
    await this.#run("wineboot.exe", "--end-session");
  }

  async #list(): Promise<{ name: string; pid: number }[]> {
    const { code, stdout, stderr } = await this.#run("tasklist.exe", "/FO", "CSV", "/NH");
    assert.equal(code, 0, stderr);
    return Array.from(
      stdout.matchAll(/^"([^"]*)","(\d+)"/gm),
      ([, name = "", pid]) => ({ name, pid: Number(pid) }),
    );
  }

  #run(name: string, ...args: string[]): Promise<Finished> {
    const { env } = this.#host;
    const cwd = this.#site.directory;
    const [program, ...words] = this.#host.commandLine(this.#host.systemProgram(name), args);
    return this.#site.spawnProgram(program, words, { env, cwd }).finished;
  }
}

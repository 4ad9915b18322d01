import assert from "node:assert/strict";
import { commandLineOf, type Running, type Site } from "../e2e/harness.ts";
import type { WindowsHost } from "./windows_host.ts";

/** msquicd on one of two systems that see the same files and the same loopback interface. */
export interface Side {
  /** For people: "Windows", "Linux". */
  readonly system: string;
  /** Starts msquicd. */
  spawn(args: readonly string[], env?: Record<string, string>): Running;
  /** How that system writes a path of ours. */
  theirs(path: string): string;
  /** How we write a path of that system's. */
  ours(path: string): string;
}

const PLAIN = { NO_COLOR: "1", MSQUICD_TOKEN: "" } as const;

/** The Windows executable, with its state in the user's own place for it. */
export function windowsSide(host: WindowsHost, site: Site, executable: string): Side {
  return {
    system: "Windows",
    spawn(args, env = {}) {
      const [program, ...words] = host.commandLine(executable, args);
      return site.spawnProgram(program, words, {
        env: { ...host.env, ...PLAIN, MSQUICD_STATE_DIR: "", MSQUIC_PATH: "", ...env },
        cwd: site.directory,
      });
    },
    theirs: host.windowsPath,
    ours: host.hostPath,
  };
}

/** msquicd from source on this system. */
export function thisSide(site: Site): Side {
  return {
    system: Deno.build.os === "linux" ? "Linux" : Deno.build.os,
    spawn(args, env = {}) {
      const [program, ...words] = commandLineOf(args);
      const state = { MSQUICD_STATE_DIR: site.path("state") };
      return site.spawnProgram(program, words, {
        env: { ...PLAIN, ...state, ...env },
        cwd: site.directory,
      });
    },
    theirs: (path) => path,
    ours: (path) => path,
  };
}

/** Runs msquicd with `--json`, which must succeed; returns what it printed. */
export async function json<Value>(
  side: Side,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<Value> {
  const { code, stdout, stderr } = await side.spawn([...args, "--json"], env).finished;
  assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

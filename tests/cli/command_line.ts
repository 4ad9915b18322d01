import { Output } from "../../cli/text/output.ts";
import { runCommand } from "../../cli/run_command.ts";
import type { Bench } from "../fixtures/server.ts";
import { collector } from "./collector.ts";

const PLAIN = { interactive: false, color: false, columns: 80 };

/** How a command line ended. */
export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** What was printed, with `--json`. */
  // deno-lint-ignore no-explicit-any
  json: any;
}

/**
 * Runs command lines in this process, against a server of a test.
 *
 * @param signal Interrupts them.
 */
export function commandLineFor(
  { server, token, fingerprint }: Pick<Bench, "server" | "token" | "fingerprint">,
  signal: AbortSignal = new AbortController().signal,
): (...words: string[]) => Promise<Ended> {
  const target = ["--server", server, "--token", token, "--fingerprint", fingerprint];
  return async (...words) => {
    const stdout = collector();
    const stderr = collector();
    const json = words.includes("--json");
    const exitCode = await runCommand([...words, ...target], {
      output: new Output({ json, stdout, stderr }),
      stdout: PLAIN,
      stderr: { ...PLAIN, sink: stderr },
      instance: "no-such-instance",
      insideShell: false,
      runShell: () => Promise.resolve(),
      interruption: () => ({ signal, [Symbol.dispose]() {} }),
    }, stdout);
    return {
      exitCode,
      stdout: stdout.text,
      stderr: stderr.text,
      get json() {
        return JSON.parse(stdout.text);
      },
    };
  };
}

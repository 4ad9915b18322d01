import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { CodedError } from "../base/mod.ts";
import type { BuildPaths } from "./paths.ts";

const LOG_TAIL_LINES = 30;

/** Thrown when Cargo fails; the message ends with the end of its log. */
export class NativeBuildError extends CodedError {
  readonly code = "native-build-failed";
}

/**
 * Lets Cargo build the `msquic` crate.
 *
 * @param onStep Called with what Cargo says that it is doing: "Compiling msquic v2.5.1-beta".
 * @returns The path of the library, in Cargo's target directory.
 * @throws {NativeBuildError} If that fails.
 */
export async function cargoBuild(
  paths: BuildPaths,
  onStep: (step: string) => void,
): Promise<string> {
  const cargo = spawn("cargo", [
    "build",
    "--release",
    "--locked",
    "--color=never",
    "--message-format=json-render-diagnostics",
    `--manifest-path=${join(paths.project, "Cargo.toml")}`,
    `--target-dir=${paths.target}`,
  ], { stdio: ["ignore", "pipe", "pipe"] });
  const [[code], directories] = await Promise.all([
    once(cargo, "close"),
    outputDirectories(cargo.stdout),
    logLines(cargo.stderr, paths.log, onStep),
  ]);
  if (code !== 0) throw failed(paths, `Cargo ended with exit code ${code}`);
  const name = basename(paths.library);
  const candidates = directories.flatMap((out) => [join(out, "lib", name), join(out, "bin", name)]);
  const library = candidates.find((path) => existsSync(path));
  if (library === undefined) throw failed(paths, `Cargo built no ${name}`);
  return library;
}

// Cargo's messages: one JSON value per line. The build script of msquic leaves the library in its
// output directory, of which there can be several in the target directory.
async function outputDirectories(stdout: Readable): Promise<string[]> {
  const directories: string[] = [];
  for await (const line of createInterface({ input: stdout })) {
    const message = JSON.parse(line) as { reason: string; package_id?: string; out_dir?: string };
    if (message.reason !== "build-script-executed" || message.out_dir === undefined) continue;
    if (/\bmsquic[@#]/.test(message.package_id ?? "")) directories.push(message.out_dir);
  }
  return directories;
}

async function logLines(
  stderr: Readable,
  path: string,
  onStep: (step: string) => void,
): Promise<void> {
  const log = createWriteStream(path);
  for await (const line of createInterface({ input: stderr })) {
    log.write(`${line}\n`);
    const step = line.match(/^ *((?:Updating|Downloading|Downloaded|Compiling) .+)$/)?.[1];
    if (step !== undefined) onStep(step);
  }
  log.end();
  await once(log, "finish");
}

function failed(paths: BuildPaths, reason: string): NativeBuildError {
  const tail = readFileSync(paths.log, "utf8").trimEnd().split("\n").slice(-LOG_TAIL_LINES);
  return new NativeBuildError(
    `Cannot build libmsquic: ${reason}; its log is ${paths.log}, and ends with:\n${
      tail.join("\n")
    }`,
  );
}

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError } from "../../base/mod.ts";
import { acquireBuildLock } from "../build_lock.ts";
import { Progress } from "../progress.ts";

/** Thrown when the limit program cannot be built here; the message says what is missing, or went wrong. */
export class LimitBuildError extends CodedError {
  readonly code = "limit-build-failed";
}

const PROJECT = fileURLToPath(new URL("../Cargo.toml", import.meta.url));
const SOURCES = fileURLToPath(new URL(".", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../../.build/limit/", import.meta.url));

const COMPILER = "cc";
const FLAGS = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-pthread"] as const;
const LIBRARIES = ["-ldl", "-lm"] as const;

/**
 * Builds the limit program, if it is not up to date, against the headers of the `msquic` crate: the ones
 * that libmsquic is built from.
 *
 * @returns The path of the program.
 * @throws {LimitBuildError}
 */
export async function buildLimit(): Promise<string> {
  if (Deno.build.os !== "linux") {
    throw new LimitBuildError("Cannot build the limit program: it is written for Linux alone");
  }
  mkdirSync(OUTPUT, { recursive: true });
  const program = join(OUTPUT, "limit");
  const stampFile = join(OUTPUT, "stamp");
  const stamp = currentStamp();
  if (isUpToDate(program, stampFile, stamp)) return program;
  using _lock = await acquireBuildLock(
    join(OUTPUT, "lock"),
    () => console.error("Waiting for another process that is building the limit program"),
  );
  if (isUpToDate(program, stampFile, stamp)) return program;
  using progress = new Progress("Building the limit program");
  const temporary = `${program}.tmp`;
  const sources = sourceFiles().filter((file) => file.endsWith(".c"));
  const headers = await headerDirectory();
  await run(
    COMPILER,
    [...FLAGS, `-isystem${headers}`, ...sources, "-o", temporary, ...LIBRARIES],
    "a C compiler (package gcc)",
  );
  renameSync(temporary, program);
  writeFileSync(stampFile, stamp);
  progress.end(`Built ${program} in ${progress.seconds} s`);
  return program;
}

function isUpToDate(program: string, stampFile: string, stamp: string): boolean {
  return existsSync(program) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
}

function currentStamp(): string {
  const hash = createHash("sha256").update(FLAGS.join(" "));
  for (const file of [...sourceFiles(), join(dirname(PROJECT), "Cargo.lock")]) {
    hash.update(readFileSync(file));
  }
  return `${Deno.build.target} ${hash.digest("hex")}\n`;
}

function sourceFiles(): string[] {
  return readdirSync(SOURCES).filter((name) => /\.[ch]$/.test(name)).sort().map((name) =>
    join(SOURCES, name)
  );
}

/** Where Cargo has put the sources of the `msquic` crate, which it fetches if it has to. */
async function headerDirectory(): Promise<string> {
  const args = ["metadata", "--format-version=1", "--locked", `--manifest-path=${PROJECT}`];
  const output = await run("cargo", args, "Cargo (package cargo)");
  const { packages } = JSON.parse(output) as {
    packages: { name: string; manifest_path: string }[];
  };
  const crate = packages.find(({ name }) => name === "msquic");
  if (crate === undefined) throw new LimitBuildError(`Cannot find the msquic crate in ${PROJECT}`);
  return join(dirname(crate.manifest_path), "src", "inc");
}

/** Runs a program; what it prints on standard error is lost unless it fails. */
function run(program: string, args: string[], package_: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text) => output += text);
    child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
    child.on("error", () => {
      const reason = `${program} is missing; install ${package_}`;
      reject(new LimitBuildError(`Cannot build the limit program: ${reason}`));
    });
    child.on("close", (code) => {
      if (code === 0) return resolve(output);
      const reason = `${program} ended with exit code ${code}:\n${errors.trim()}`;
      reject(new LimitBuildError(`Cannot build the limit program: ${reason}`));
    });
  });
}

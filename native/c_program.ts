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
import { CodedError } from "../base/mod.ts";
import { acquireBuildLock } from "./build_lock.ts";
import { Progress } from "./progress.ts";

/** Thrown when a native program cannot be built here; the message says what is missing, or went wrong. */
export class ProgramBuildError extends CodedError {
  readonly code = "program-build-failed";
}

/** A program in C: all sources of its folder, `native/NAME/`, and those of `native/shared/`. */
export interface CProgram {
  /** Of its folder and of the file that is built, `.build/NAME/NAME`. */
  name: string;
  /** What people call it. */
  title: string;
  libraries?: readonly string[];
  /** What it depends on beside its sources. */
  otherFiles?: readonly string[];
  /** Where headers are that are not its own; asked for only if it has to be built. */
  headerDirectory?: () => Promise<string>;
}

const NATIVE = fileURLToPath(new URL(".", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../.build/", import.meta.url));
const SHARED = join(NATIVE, "shared");

const COMPILER = "cc";
const FLAGS = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-pthread", `-I${SHARED}`] as const;

/**
 * Builds a program, if it is not up to date; waits when another process is building it.
 *
 * @returns The path of the program.
 * @throws {ProgramBuildError}
 */
export async function buildCProgram(program: CProgram): Promise<string> {
  const { name, title, libraries = [], headerDirectory } = program;
  if (Deno.build.os !== "linux") {
    throw new ProgramBuildError(`Cannot build ${title}: it is written for Linux alone`);
  }
  const output = join(OUTPUT, name);
  mkdirSync(output, { recursive: true });
  const executable = join(output, name);
  const stampFile = join(output, "stamp");
  const stamp = currentStamp(program);
  if (isUpToDate(executable, stampFile, stamp)) return executable;
  using _lock = await acquireBuildLock(
    join(output, "lock"),
    () => console.error(`Waiting for another process that is building ${title}`),
  );
  if (isUpToDate(executable, stampFile, stamp)) return executable;
  using progress = new Progress(`Building ${title}`);
  const temporary = `${executable}.tmp`;
  const sources = sourceFiles(name).filter((file) => file.endsWith(".c"));
  const headers = headerDirectory === undefined ? [] : [`-isystem${await headerDirectory()}`];
  await runBuildTool(
    program,
    COMPILER,
    [...FLAGS, ...headers, ...sources, "-o", temporary, ...libraries],
    "a C compiler (package gcc)",
  );
  renameSync(temporary, executable);
  writeFileSync(stampFile, stamp);
  progress.end(`Built ${executable} in ${progress.seconds} s`);
  return executable;
}

function isUpToDate(executable: string, stampFile: string, stamp: string): boolean {
  return existsSync(executable) && existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === stamp;
}

function currentStamp({ name, libraries = [], otherFiles = [] }: CProgram): string {
  const hash = createHash("sha256").update([...FLAGS, ...libraries].join(" "));
  for (const file of [...sourceFiles(name), ...otherFiles]) hash.update(readFileSync(file));
  return `${Deno.build.target} ${hash.digest("hex")}\n`;
}

function sourceFiles(name: string): string[] {
  return [join(NATIVE, name), SHARED].flatMap((folder) =>
    readdirSync(folder).filter((file) => /\.[ch]$/.test(file)).sort()
      .map((file) => join(folder, file))
  );
}

/** The folder of the Cargo project's sources of a crate, which Cargo fetches if it has to. */
export async function crateDirectory(
  program: CProgram,
  project: string,
  crate: string,
): Promise<string> {
  const args = ["metadata", "--format-version=1", "--locked", `--manifest-path=${project}`];
  const output = await runBuildTool(program, "cargo", args, "Cargo (package cargo)");
  const { packages } = JSON.parse(output) as {
    packages: { name: string; manifest_path: string }[];
  };
  const found = packages.find(({ name }) => name === crate);
  if (found === undefined) {
    throw new ProgramBuildError(
      `Cannot build ${program.title}: ${project} has no crate named ${crate}`,
    );
  }
  return dirname(found.manifest_path);
}

/** Runs a program; what it prints on standard error is lost unless it fails. */
function runBuildTool(
  { title }: CProgram,
  tool: string,
  args: string[],
  package_: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text) => output += text);
    child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
    child.on("error", () => {
      const reason = `${tool} is missing; install ${package_}`;
      reject(new ProgramBuildError(`Cannot build ${title}: ${reason}`));
    });
    child.on("close", (code) => {
      if (code === 0) return resolve(output);
      const reason = `${tool} ended with exit code ${code}:\n${errors.trim()}`;
      reject(new ProgramBuildError(`Cannot build ${title}: ${reason}`));
    });
  });
}

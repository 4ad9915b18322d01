/**
 * `deno task compile [--target linux|windows] [--msquic FILE]`: makes an executable in `dist/`.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.ts";
import { writeChecksums } from "./checksums.ts";
import { currentCommit } from "./commit.ts";
import { CompileError } from "./compile_error.ts";
import { denoCompile } from "./deno_compile.ts";
import { checkDenort } from "./denort.ts";
import { layOut } from "./embed.ts";
import { findLibrary, namedLibrary, readLibrary } from "./library.ts";
import { type Target, targetOf } from "./targets.ts";
import { tryOut } from "./try_out.ts";
import { programFile } from "../program_files.ts";
import { VERSION } from "../version.ts";
import { brandExecutable, type VersionInfo } from "./windows/version_info.ts";

const USAGE = "Usage: deno task compile [--target linux|windows] [--msquic FILE]";
const MEGABYTE = 1e6;

async function make(targetName: string | undefined, msquic: string | undefined): Promise<void> {
  const target = targetOf(targetName);
  await checkDenort(target, Deno.env.get("DENORT_BIN"));
  const libraryPath = namedLibrary(target, msquic) ?? await findLibrary(target);
  const library = await readLibrary(target, libraryPath);
  const project = resolve(fileURLToPath(programFile("")));
  const dist = join(project, "dist");
  const output = join(dist, target.executable);
  console.error(`Compiling ${target.executable} with ${libraryPath}`);
  const commit = await currentCommit(project);
  const folder = join(project, ".build", "bundle", target.os);
  await bundle({ target, project, folder });
  await layOut(folder, target, library, { commit });
  await Deno.mkdir(dist, { recursive: true });
  const icon = join(project, "assets", "msquicd.ico");
  await denoCompile({ target, folder, output, icon });
  if (target.os === "windows") await brandExecutable(output, versionInfo(target, commit));
  const version = await tryOut(target, output).catch(async (error) => {
    await Deno.remove(output);
    throw error;
  });
  await writeChecksums(dist);
  const { size } = await Deno.stat(output);
  console.error(`Made ${output}, ${Math.round(size / MEGABYTE)} MB`);
  if (version) console.error(version);
}

function versionInfo({ executable }: Target, commit: string): VersionInfo {
  return {
    version: VERSION,
    strings: {
      FileDescription: "msquicd, a QUIC server of several processes",
      FileVersion: VERSION,
      InternalName: "msquicd",
      LegalCopyright: "MIT licence; msquicd licenses prints all licences",
      OriginalFilename: executable,
      ProductName: "msquicd",
      ProductVersion: `${VERSION} (${commit})`,
    },
  };
}

async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: { target: { type: "string" }, msquic: { type: "string" } },
    });
    await make(values.target, values.msquic);
    return 0;
  } catch (error) {
    if (error instanceof TypeError) {
      console.error(`${error.message}\n${USAGE}`);
      return 2;
    }
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

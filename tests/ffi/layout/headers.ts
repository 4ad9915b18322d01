import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MANIFEST = fileURLToPath(new URL("../../../native/Cargo.toml", import.meta.url));

/**
 * The folder of the headers that come with the `msquic` crate, or why there is none. Cargo is asked
 * where it keeps the crate, and downloads it where only a system's libmsquic was used so far.
 */
export function findHeaders(): { directory: string } | { missing: string } {
  const host = cargoOutput("rustc", ["-vV"])?.match(/^host: (\S+)$/m)?.[1];
  if (host === undefined) return { missing: "Rust is not installed" };
  const metadata = cargoOutput("cargo", [
    "metadata",
    "--format-version=1",
    "--locked",
    `--filter-platform=${host}`,
    `--manifest-path=${MANIFEST}`,
  ]);
  if (metadata === undefined) return { missing: "cargo metadata failed" };
  const { packages } = JSON.parse(metadata) as {
    packages: { name: string; manifest_path: string }[];
  };
  const crate = packages.find(({ name }) => name === "msquic");
  if (crate === undefined) return { missing: "native/Cargo.toml does not depend on msquic" };
  const directory = join(dirname(crate.manifest_path), "src", "inc");
  return existsSync(join(directory, "msquic.h"))
    ? { directory }
    : { missing: `${directory} has no msquic.h` };
}

function cargoOutput(program: string, args: string[]): string | undefined {
  try {
    const command = new Deno.Command(program, {
      args,
      stderr: "null",
      env: { CARGO_TERM_COLOR: "never" },
    });
    const { success, stdout } = command.outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

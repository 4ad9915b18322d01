import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { libraryFileName } from "../../ffi/msquic/locate.ts";

/** What of `ffi/` looks for a library, by folder. */
const LOOKUP = {
  msquic: ["locate.ts", "embedded_library.ts"],
  libraries: ["noexec.ts", "unpack_directories.ts", "unpack_library.ts"],
} as const;

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const TOOLS = ["cmake", "perl", "make", "cc", "c++"] as const;

// Counts its calls, leaves a library where the real one would, and says so as Cargo does.
const CARGO = `#!/bin/sh
if [ "$1" = --version ]; then echo "cargo \${FAKE_CARGO_VERSION:-1.90.0}"; exit 0; fi
here="$(dirname "$0")"
echo called >> "$here/calls"
echo "   Compiling msquic v2.5.1-beta" >&2
if [ -n "$FAKE_CARGO_FAILS" ]; then echo "error: no such header" >&2; exit 101; fi
sleep 0.2
mkdir -p "$here/out/lib"
printf '\\177ELF%s' "\${FAKE_LIBRARY:-library}" > "$here/out/lib/${libraryFileName()}"
printf '{"reason":"build-script-executed","package_id":"registry+https://example.org#msquic@2.5.1-beta","out_dir":"%s"}\\n' "$here/out"
`;

/** What became of a script that was run in a {@linkcode Checkout}. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/**
 * A copy of what building takes, in a folder of its own, with a Cargo that only pretends, and no
 * other programs than those that building asks for.
 */
export class Checkout implements AsyncDisposable {
  readonly root: string;
  readonly library: string;
  readonly #bin: string;

  private constructor(root: string) {
    this.root = root;
    this.library = join(root, ".build", "native", libraryFileName());
    this.#bin = join(root, "bin");
  }

  static async create(): Promise<Checkout> {
    const checkout = new Checkout(await mkdtemp(join(tmpdir(), "msquicd-native-")));
    const isSource = (path: string) => !path.startsWith(join(PROJECT, "native", "target"));
    await cp(join(PROJECT, "native"), join(checkout.root, "native"), {
      recursive: true,
      filter: isSource,
    });
    await cp(join(PROJECT, "base"), join(checkout.root, "base"), { recursive: true });
    await copyFile(join(PROJECT, "program_files.ts"), join(checkout.root, "program_files.ts"));
    for (const [folder, names] of Object.entries(LOOKUP)) {
      await mkdir(join(checkout.root, "ffi", folder), { recursive: true });
      for (const name of names) {
        await copyFile(
          join(PROJECT, "ffi", folder, name),
          join(checkout.root, "ffi", folder, name),
        );
      }
    }
    await mkdir(checkout.#bin);
    await checkout.addProgram("cargo", CARGO);
    for (const tool of TOOLS) await checkout.addProgram(tool, "#!/bin/sh\nexit 0\n");
    return checkout;
  }

  async addProgram(name: string, script: string): Promise<void> {
    await writeFile(join(this.#bin, name), script);
    await chmod(join(this.#bin, name), 0o755);
  }

  /** Makes a program fail as if it were not installed. */
  async removeProgram(name: string): Promise<void> {
    await this.addProgram(name, "#!/bin/sh\nexit 127\n");
  }

  /** How often Cargo was called to build. */
  async cargoCalls(): Promise<number> {
    const calls = await readFile(join(this.#bin, "calls"), "utf8").catch(() => "");
    return calls.split("\n").length - 1;
  }

  /** Runs `native/<script>`. */
  async run(script: string, env: Record<string, string> = {}): Promise<Outcome> {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "-RWE",
        "--allow-run",
        "--allow-ffi",
        join(this.root, "native", script),
      ],
      env: { MSQUIC_PATH: "", NO_COLOR: "1", ...env, PATH: `${this.#bin}:/usr/bin:/bin` },
    }).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

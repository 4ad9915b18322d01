import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { type SideOptions, takeTurns } from "./sides.ts";

const FILES = 10_000;
const FILE_BYTES = 4096;
const FILES_PER_DIRECTORY = 500;

/**
 * Many small files up, next to what people use for that. What a round has stored stays until the end: ext4
 * looks for an inode many times longer where some were freed a minute ago.
 */
export const smallFiles: Row = {
  name: "small-files",
  async run(context) {
    const source = join(context.directory, "small");
    await makeFiles(source);
    const entries = await takeTurns("small-files", [
      msquicdSide(source, context),
      rsyncSide(source, context),
    ], context);
    const title = "10,000 files of 4 KiB up, by command";
    return [{ name: "small-files", title, unit: "s", better: "less", entries }];
  },
};

function msquicdSide(source: string, { directory, signal }: BenchContext): SideOptions {
  return {
    who: "msquicd",
    async open(resources) {
      const own = await Deno.makeTempDir({ dir: directory });
      const instance = resources.use(await Instance.start(own, signal));
      let rounds = 0;
      return {
        async round() {
          const to = `${rounds++}/`;
          return { value: await seconds(() => instance.run("put", source, "--to", to)) };
        },
      };
    },
  };
}

function rsyncSide(source: string, { directory, signal }: BenchContext): SideOptions {
  return {
    who: "rsync over SSH",
    hold: 0.5,
    async open() {
      await run("rsync", ["--version"], signal);
      const options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"];
      await run("ssh", [...options, "localhost", "true"], signal);
      const target = await Deno.makeTempDir({ dir: directory });
      let rounds = 0;
      return {
        async round() {
          const to = join(target, `${rounds++}`);
          const args = ["-a", "-e", `ssh ${options.join(" ")}`, source, `localhost:${to}`];
          return { value: await seconds(() => run("rsync", args, signal)) };
        },
      };
    },
  };
}

async function makeFiles(directory: string): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(FILE_BYTES));
  for (let i = 0; i < FILES; i++) {
    const folder = join(directory, `${Math.floor(i / FILES_PER_DIRECTORY)}`);
    if (i % FILES_PER_DIRECTORY === 0) await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(join(folder, `${i}.bin`), bytes);
  }
}

async function run(program: string, args: string[], signal: AbortSignal): Promise<void> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args, signal }).output();
    if (success) return;
    throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`${program} is not installed`);
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

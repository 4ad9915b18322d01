import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { checkSsh, run, seconds, SSH_OPTIONS } from "./programs.ts";
import { type SideOptions, takeTurns } from "./sides.ts";

const FILES = 10_000;
const FILE_BYTES = 4096;
const FILES_PER_DIRECTORY = 500;

/**
 * Many small files up, next to what people use for that. What a round has stored stays until the end: ext4
 * looks for an inode many times longer where some were freed a minute ago.
 */
export const smallFiles: Row = rowOf("up");

/** The same files down. */
export const smallFilesDown: Row = rowOf("down");

function rowOf(way: "up" | "down"): Row {
  const name = way === "up" ? "small-files" : "small-files-get";
  return {
    name,
    async run(context) {
      const source = join(context.directory, `small-${way}`);
      await makeFiles(source);
      const sides = [msquicdSide(source, context, way), rsyncSide(source, context, way)];
      const entries = await takeTurns(name, sides, context);
      const title = `10,000 files of 4 KiB ${way}, by command`;
      return [{ name, title, unit: "s", better: "less", entries }];
    },
  };
}

function msquicdSide(
  source: string,
  { directory, signal }: BenchContext,
  way: "up" | "down",
): SideOptions {
  return {
    who: "msquicd",
    async open(resources) {
      const own = await Deno.makeTempDir({ dir: directory });
      const instance = resources.use(await Instance.start(own, signal));
      if (way === "down") await instance.run("put", source, "--to", "source");
      let rounds = 0;
      return {
        async round() {
          const to = `${rounds++}/`;
          const args = way === "up"
            ? ["put", source, "--to", to]
            : ["get", "-r", "source", "-o", join(own, to)];
          return { value: await seconds(() => instance.run(...args)) };
        },
      };
    },
  };
}

function rsyncSide(
  source: string,
  { directory, signal }: BenchContext,
  way: "up" | "down",
): SideOptions {
  return {
    who: "rsync over SSH",
    hold: 0.5,
    async open() {
      await run("rsync", ["--version"], signal);
      await checkSsh(signal);
      const target = await Deno.makeTempDir({ dir: directory });
      let rounds = 0;
      return {
        async round() {
          const to = join(target, `${rounds++}`);
          const ends = way === "up" ? [source, `localhost:${to}`] : [`localhost:${source}`, to];
          const args = ["-a", "-e", `ssh ${SSH_OPTIONS.join(" ")}`, ...ends];
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

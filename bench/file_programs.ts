import { homedir } from "node:os";
import { join } from "node:path";
import type { BenchContext, Row } from "./context.ts";
import { Instance } from "./instance.ts";
import { checkSsh, run, seconds, SSH_OPTIONS } from "./programs.ts";
import { type SideOptions, takeTurns } from "./sides.ts";
import { sourceFile } from "./source_file.ts";

/** Copies a file to this machine by way of SSH. */
type Copy = (source: string, to: string, signal: AbortSignal) => Promise<void>;

const scp: Copy = (source, to, signal) =>
  run("scp", ["-q", ...SSH_OPTIONS, source, `localhost:${to}`], signal);

const rsync: Copy = (source, to, signal) =>
  run("rsync", ["-a", "-e", `ssh ${SSH_OPTIONS.join(" ")}`, source, `localhost:${to}`], signal);

const rclone: Copy = (source, to, signal) => {
  const key = join(homedir(), ".ssh", "id_ed25519");
  const user = Deno.env.get("USER") ?? "root";
  const remote = `:sftp,host=localhost,user=${user},key_file="${key}"`;
  return run("rclone", ["--config", "/dev/null", "copyto", source, `${remote}:${to}`], signal);
};

/** One large file up by command, next to what people use for that: all of them verify what they send. */
export const filePrograms: Row = {
  name: "file-programs",
  async run(context) {
    const { options: { sizes: { file: bytes } }, directory } = context;
    const source = await sourceFile(directory, bytes);
    const sides = [
      msquicdSide(source, bytes, context),
      sshSide("scp", scp, source, bytes, context),
      sshSide("rsync over SSH", rsync, source, bytes, context),
      sshSide("rclone over SFTP", rclone, source, bytes, context),
    ];
    const entries = await takeTurns("file-programs", sides, context);
    const title = `One file of ${Math.round(bytes / 2 ** 20)} MiB up, by command`;
    return [{ name: "file-programs", title, unit: "Gbit/s", better: "more", entries }];
  },
};

function msquicdSide(
  source: string,
  bytes: number,
  { directory, signal }: BenchContext,
): SideOptions {
  return {
    who: "msquicd",
    async open(resources) {
      const own = await Deno.makeTempDir({ dir: directory });
      const instance = resources.use(await Instance.start(own, signal));
      return {
        async round() {
          const time = await seconds(() => instance.run("put", source, "--to", "stored.bin"));
          await Deno.remove(join(own, "storage", "stored.bin"));
          return { value: bytes * 8 / 1e9 / time };
        },
      };
    },
  };
}

function sshSide(
  who: string,
  copy: Copy,
  source: string,
  bytes: number,
  { directory, signal }: BenchContext,
): SideOptions {
  return {
    who,
    hold: 1.5,
    async open() {
      await checkSsh(signal);
      const target = join(await Deno.makeTempDir({ dir: directory }), "stored.bin");
      return {
        async round() {
          const time = await seconds(() => copy(source, target, signal));
          await Deno.remove(target);
          return { value: bytes * 8 / 1e9 / time };
        },
      };
    },
  };
}

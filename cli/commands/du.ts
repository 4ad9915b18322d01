import { counted } from "../../base/counted.ts";
import { buildCommand } from "@stricli/core";
import { type ConnectionFlags, connectionFlags } from "../files/connection_flags.ts";
import type { QuotaUse } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag } from "../flags.ts";
import { formatBytes, printable } from "../text/format.ts";

/** What there is below a name. */
interface Usage {
  files: number;
  /** What is in the files. */
  bytes: number;
}

/** `msquicd du [PREFIX]` */
export const duCommand = buildCommand<
  ConnectionFlags & { json: boolean },
  [prefix?: string],
  CliContext
>({
  docs: {
    brief: "Show how much the files on a server have in them",
    fullDescription: [
      "Show how many files there are on a server, and how many bytes in them: in each directory directly",
      "behind PREFIX, with all that is below it, and in all. What the disk takes for them may be more, or",
      "less. Where there are quotas, it is shown how much of them is used.",
    ].join("\n"),
  },
  parameters: {
    flags: { ...connectionFlags, json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "PREFIX",
        brief: "Only names that begin with it",
        optional: true,
      }],
    },
  },
  async func(flags, prefix = "") {
    const { withServer } = await import("../files/with_server.ts");
    await withServer(this, flags, async ({ client, signal, onUnreadable }) => {
      const total: Usage = { files: 0, bytes: 0 };
      const directories: ({ name: string } & Usage)[] = [];
      for await (const { name, size } of client.list(prefix, { signal, onUnreadable })) {
        add(total, size);
        const slash = name.indexOf("/", prefix.length);
        if (slash < 0) continue;
        const directory = name.slice(0, slash);
        // Names come in order, so that a directory's are together.
        if (directories.at(-1)?.name !== directory) {
          directories.push({ name: directory, files: 0, bytes: 0 });
        }
        const last = directories.at(-1);
        if (last !== undefined) add(last, size);
      }
      for (const directory of directories) {
        this.output.line(formatUsage(directory, `${printable(directory.name)}/`));
      }
      this.output.line(
        formatUsage(total, prefix === "" ? "in all" : `in all, ${printable(prefix)}…`),
      );
      const quotas = await client.quotas({ signal });
      for (const quota of quotas) this.output.line(formatQuota(quota));
      return { prefix, ...total, directories, ...(quotas.length === 0 ? {} : { quotas }) };
    });
  },
});

function add(usage: Usage, size: number): void {
  usage.files++;
  usage.bytes += size;
}

/** What is used of a quota, with what is promised to uploads. */
function formatQuota({ of, name, bytes, stored, promised }: QuotaUse): string {
  const whose = name === "/" ? "all files" : `${of} ${printable(name)}${of === "token" ? "" : "/"}`;
  const used = `${formatBytes(stored + promised)} of ${formatBytes(bytes)}`;
  const uploads = promised === 0 ? "" : `, ${formatBytes(promised)} of them by uploads`;
  return `quota of ${whose}: ${used} used${uploads}`;
}

function formatUsage({ files, bytes }: Usage, what: string): string {
  const count = counted(files, "file");
  return `${formatBytes(bytes).padStart(9)}  ${count.padStart(13)}  ${what}`;
}

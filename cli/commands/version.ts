import { buildCommand } from "@stricli/core";
import { buildManifest, VERSION } from "../../version.ts";
import type { CliContext } from "../context.ts";
import { describeError } from "../describe_error.ts";
import { jsonFlag } from "../flags.ts";

/** `msquicd version`, `msquicd --version` */
export const versionCommand = buildCommand<{ json: boolean }, [], CliContext>({
  docs: { brief: "Print the versions of msquicd and of what it runs on" },
  parameters: { flags: { json: jsonFlag } },
  async func() {
    const { os, arch } = Deno.build;
    const { deno, v8 } = Deno.version;
    const commit = buildManifest()?.commit;
    const { msquic, problem } = await askMsQuic();
    this.output.line(`msquicd ${VERSION} (${commit ?? "from source"}, ${os} ${arch})`);
    this.output.line(`Deno ${deno} (V8 ${v8})`);
    this.output.line(msquic ? `MsQuic ${msquic}` : `No MsQuic: ${problem}`);
    this.output.result({
      version: VERSION,
      commit: commit ?? null,
      deno,
      v8,
      msquic: msquic ?? null,
      os,
      arch,
    });
  },
});

/** Loads libmsquic for its version. Without it, everything else can still be told. */
async function askMsQuic(): Promise<{ msquic?: string; problem?: string }> {
  const { Library } = await import("../../ffi/mod.ts");
  try {
    await using library = Library.open();
    return { msquic: library.version };
  } catch (error) {
    return { problem: describeError(error).message };
  }
}

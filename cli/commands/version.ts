import { buildCommand } from "@stricli/core";
import { buildManifest, VERSION } from "../../version.ts";
import type { CliContext } from "../context.ts";
import { describeError } from "../text/describe_error.ts";
import { jsonFlag } from "../flags.ts";

/** `msquicd version`, `msquicd --version` */
export const versionCommand = buildCommand<{ json: boolean }, [], CliContext>({
  docs: { brief: "Print the versions of msquicd and of what it runs on" },
  parameters: { flags: { json: jsonFlag } },
  async func() {
    const { os, arch } = Deno.build;
    const { deno, v8 } = Deno.version;
    const commit = buildManifest()?.commit;
    const { msquic, tested, slowCalls, problem } = await askMsQuic();
    this.output.line(`msquicd ${VERSION} (${commit ?? "from source"}, ${os} ${arch})`);
    this.output.line(`Deno ${deno} (V8 ${v8})`);
    this.output.line(msquic ? `MsQuic ${msquic}` : `No MsQuic: ${problem}`);
    this.output.line(`Tested with MsQuic ${tested.join(", ")}`);
    if (slowCalls !== undefined) {
      this.output.line(
        `Calls of MsQuic are slow, no library of their addresses can be loaded: ${slowCalls}`,
      );
    }
    this.output.result({
      version: VERSION,
      commit: commit ?? null,
      deno,
      v8,
      msquic: msquic ?? null,
      msquicTested: tested,
      slowCalls: slowCalls ?? null,
      os,
      arch,
    });
  },
});

/** What is known of libmsquic here, and in general. */
interface MsQuicFacts {
  readonly tested: readonly string[];
  readonly msquic?: string;
  /** Why its functions are called the slow way, if they are. */
  readonly slowCalls?: string | undefined;
  readonly problem?: string;
}

/** Loads libmsquic for its version. Without it, everything else can still be told. */
async function askMsQuic(): Promise<MsQuicFacts> {
  const { Library, slowCallsReason, TESTED_VERSIONS: tested } = await import("../../ffi/mod.ts");
  try {
    await using library = Library.open();
    return { tested, msquic: library.version, slowCalls: slowCallsReason() };
  } catch (error) {
    return { tested, problem: describeError(error).message };
  }
}

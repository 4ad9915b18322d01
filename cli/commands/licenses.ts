import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { jsonFlag } from "../flags.ts";

/** `msquicd licenses` */
export const licensesCommand = buildCommand<{ json: boolean }, [], CliContext>({
  docs: { brief: "Print what msquicd is made of, and the licences of it all" },
  parameters: { flags: { json: jsonFlag } },
  func() {
    const text = ["LICENSE", "THIRD_PARTY_NOTICES.md"].map((name) =>
      Deno.readTextFileSync(new URL(`../../${name}`, import.meta.url)).trimEnd()
    ).join("\n\n");
    this.output.line(text);
    this.output.result({ text });
  },
});

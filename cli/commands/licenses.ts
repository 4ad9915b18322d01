import { buildCommand } from "@stricli/core";
import { LICENSE_FILES, programFile } from "../../program_files.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag } from "../flags.ts";

/** `msquicd licenses` */
export const licensesCommand = buildCommand<{ json: boolean }, [], CliContext>({
  docs: { brief: "Print what msquicd is made of, and the licences of it all" },
  parameters: { flags: { json: jsonFlag } },
  func() {
    const texts = LICENSE_FILES.map((name) => Deno.readTextFileSync(programFile(name)).trimEnd());
    const text = texts.join("\n\n");
    this.output.line(text);
    this.output.result({ text });
  },
});

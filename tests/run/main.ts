/**
 * `deno task test [flags of deno test] [files and folders]`: runs what is named, or else all tests; see
 * `runParts`.
 */
import { partsOf } from "./parts.ts";
import { ROOT, runParts } from "./run_parts.ts";

if (import.meta.main) {
  const parts = partsOf(Deno.args, ROOT);
  // For what is named, making that would take longer than it saves.
  Deno.exit(await runParts(parts, { bundled: parts.length > 1 }));
}

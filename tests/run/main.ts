/**
 * `deno task test [flags of deno test] [files and folders]`: runs what is named, or else all tests; see
 * `runParts`.
 */
import { partsOf } from "./parts.ts";
import { ROOT, runParts } from "./run_parts.ts";

if (import.meta.main) Deno.exit(await runParts(partsOf(Deno.args, ROOT)));

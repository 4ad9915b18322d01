/**
 * `deno task notices`: writes THIRD_PARTY_NOTICES.md from what is installed on this machine.
 */
import { fileURLToPath } from "node:url";
import { noticesDocument } from "./document.ts";
import { msquicComponents } from "./msquic.ts";
import { npmComponents } from "./npm.ts";
import { runtimeComponents } from "./runtime.ts";

const PROJECT = new URL("../../", import.meta.url);

if (import.meta.main) {
  const lock = await Deno.readTextFile(new URL("deno.lock", PROJECT));
  const components = [
    ...await msquicComponents(),
    ...await runtimeComponents(),
    ...await npmComponents(lock),
  ];
  const file = fileURLToPath(new URL("THIRD_PARTY_NOTICES.md", PROJECT));
  await Deno.writeTextFile(file, noticesDocument(components));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
  console.error(`Wrote ${file}, ${components.length} components`);
}

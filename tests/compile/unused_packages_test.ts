import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { unusedPackageFolders, unusedPackages } from "../../compile/unused_packages.ts";

function npmPackage(name: string, ...dependencies: string[]) {
  return { name, version: "1.0.0", dependencies };
}

Deno.test("unusedPackages() finds what is neither imported nor needed by what is", () => {
  const npmPackages = {
    "a@1.0.0": npmPackage("a", "b@1.0.0"),
    "b@1.0.0": npmPackage("b", "c@1.0.0"),
    "c@1.0.0": npmPackage("c", "a@1.0.0"),
    "d@1.0.0": npmPackage("d", "a@1.0.0", "e@1.0.0"),
    "e@1.0.0": npmPackage("e"),
  };
  const unused = unusedPackages({ modules: [{ npmPackage: "a@1.0.0" }, {}], npmPackages });
  assert.deepEqual(unused.map(({ name }) => name), ["d", "e"]);
});

Deno.test("unusedPackageFolders() names what only tests and the compile task use", async () => {
  const folders = await unusedPackageFolders(fileURLToPath(new URL("../..", import.meta.url)));
  const all = folders.join("\n").replaceAll("\\", "/");
  for (const name of ["fast-check", "resedit", "pe-library", "selfsigned"]) {
    assert.match(all, new RegExp(`/${name}/\\d`));
  }
  for (const name of ["@stricli/core", "@peculiar/x509", "reflect-metadata"]) {
    assert.ok(!all.includes(`/${name}/`), name);
  }
});

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Component } from "./component.ts";

const CARGO_MANIFEST = fileURLToPath(new URL("../../native/Cargo.toml", import.meta.url));

/** MsQuic and the OpenSSL in it, as the sources of the `msquic` crate describe themselves. */
export async function msquicComponents(): Promise<Component[]> {
  const { version, directory } = await findCrate("msquic");
  const openssl = join(directory, "submodules", "quictls");
  return [
    {
      name: `MsQuic ${version}`,
      license: "MIT",
      text: await Deno.readTextFile(join(directory, "LICENSE")),
      remark: "The executable for Windows may contain another version of the same library, " +
        "built by Microsoft: msquicd version prints which.",
    },
    {
      name: `OpenSSL ${opensslVersion(await Deno.readTextFile(join(openssl, "VERSION.dat")))}`,
      license: "Apache-2.0",
      text: await Deno.readTextFile(join(openssl, "LICENSE.txt")),
      remark: "In the variant quictls, as a part of MsQuic.",
    },
  ];
}

interface Crate {
  readonly version: string;
  readonly directory: string;
}

/** Where Cargo keeps the sources of a crate; it downloads them if it has to. */
async function findCrate(name: string): Promise<Crate> {
  const { success, stdout } = await new Deno.Command("cargo", {
    args: ["metadata", "--format-version=1", "--locked", `--manifest-path=${CARGO_MANIFEST}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot look up crates: cargo metadata failed");
  const metadata: { packages: { name: string; version: string; manifest_path: string }[] } = JSON
    .parse(new TextDecoder().decode(stdout));
  const found = metadata.packages.find((crate) => crate.name === name);
  if (found === undefined) throw new Error(`Cannot find crate ${name} in ${CARGO_MANIFEST}`);
  return { version: found.version, directory: dirname(found.manifest_path) };
}

function opensslVersion(text: string): string {
  const fields = new Map(
    text.split("\n").map((line) => {
      const [key = "", value = ""] = line.split("=");
      return [key, value.replaceAll('"', "")];
    }),
  );
  const version = ["MAJOR", "MINOR", "PATCH"].map((key) => fields.get(key) ?? "").join(".");
  return `${version}+${fields.get("BUILD_METADATA") ?? ""}`.replace(/\+$/, "");
}

import type { Component } from "./component.ts";

/** What `deno compile` puts into every executable. */
export async function runtimeComponents(): Promise<Component[]> {
  return [
    {
      name: "Deno",
      license: "MIT",
      text: await readText("deno.txt"),
      remark:
        "Deno contains further components, among them many Rust crates, SQLite and ICU. They " +
        "are listed, with their licences, in its repository: https://github.com/denoland/deno",
    },
    {
      name: "V8",
      license: "BSD-3-Clause",
      text: await readText("v8.txt"),
      remark: "Parts of V8 are under licences of their own: https://github.com/v8/v8",
    },
    {
      name: "esbuild",
      license: "MIT",
      text: await readText("esbuild.txt"),
      remark: "It makes one file out of many modules, with a few functions of its own in it.",
    },
  ];
}

async function readText(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, import.meta.url));
}

import assert from "node:assert/strict";
import { join } from "node:path";
import { configDigest, type WorkerConfig } from "../../ipc/mod.ts";

const CONFIG: WorkerConfig = {
  instance: "default",
  host: "127.0.0.1",
  port: 4433,
  root: "/srv/files",
  certificateFile: "/state/cert.pem",
  privateKeyFile: "/state/key.pem",
  token: "a token",
  logLevel: "info",
  logFormat: "pretty",
  rootMark: { id: "one", place: "1:2:3" },
};

Deno.test("configDigest() changes with what a worker was told to be, not with its storage's place or its certificate", async () => {
  const digest = (changes: Partial<WorkerConfig>) =>
    configDigest({ ...CONFIG, ...changes }, "1.0.0");
  const same = await digest({});
  assert.match(same, /^[0-9a-f]{64}$/);
  assert.equal(await digest({ rootMark: { id: "one", place: "4:5:6" } }), same);
  assert.notEqual(await digest({ rootMark: { id: "two", place: "1:2:3" } }), same);
  assert.notEqual(await digest({ root: "/srv/others" }), same);
  assert.equal(
    await digest({ certificateFile: "/other.pem", privateKeyFile: "/other-key.pem" }),
    same,
  );
  assert.notEqual(await configDigest(CONFIG, "1.0.1"), same);
});

Deno.test("configDigest() changes with modules of handlers and tasks, and with what they import", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-digest-" });
  try {
    const [handlers, tasks, deep, spreadModule] = [
      "mine.js",
      "task.js",
      "deep/more.js",
      "spread.js",
    ]
      .map((name) => join(directory, name)) as [string, string, string, string];
    await Deno.mkdir(join(directory, "deep"));
    await Deno.writeTextFile(handlers, 'import "./deep/more.js";\nawait import("./missing.js");');
    await Deno.writeTextFile(tasks, "export default {};");
    await Deno.writeTextFile(deep, 'export { a } from "../mine.js"; // round in circles');
    const digest = () =>
      configDigest({ ...CONFIG, handlers: [handlers], tasks: [tasks], spreadModule }, "1.0.0");
    const seen = [await digest()];
    assert.equal(await digest(), seen[0]);
    for (const path of [handlers, tasks, deep, spreadModule]) {
      await Deno.writeTextFile(path, "\n", { append: true });
      seen.push(await digest());
    }
    assert.equal(new Set(seen).size, 5);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { settlesWithin } from "../../base/mod.ts";
import { type Client, connect } from "../../client/mod.ts";
import { Site, waitFor } from "../e2e/harness.ts";

/** Starts a server with the configuration of an example, and connects to it. */
async function withExample(
  name: string,
  test: (site: Site, connectMore: (worker?: number) => Promise<Client>) => Promise<void>,
  workers = 1,
): Promise<void> {
  await using site = await Site.create(workers);
  const config = fileURLToPath(new URL(`../../examples/${name}/msquicd.jsonc`, import.meta.url));
  const { report: { ports, fingerprint } } = await site.start("--config", config);
  const token = await site.token();
  await test(site, (worker = 0) => {
    const server = `127.0.0.1:${ports[worker]}`;
    return connect({ server, token, fingerprint, failover: false });
  });
  await site.json("shutdown");
  await site.assertNothingLeft();
}

Deno.test("The chat brings what one says to all who have joined the room, and to no others", async () => {
  await withExample("chat", async (site, connectMore) => {
    // Each at another worker.
    await using ada = await connectMore();
    await using bob = await connectMore(1);
    await using eve = await connectMore(2);
    const joined = (client: Client, room: string) => client.stream(0x8101, { room });
    const [lobby, also, other] = [joined(ada, "lobby"), joined(bob, "lobby"), joined(bob, "x")];
    for (const heard of [lobby, also, other]) assert.ok((await heard.next()).value);
    const begun = Promise.all([lobby, also, other].map((heard) => heard.next()));
    await waitFor("all hear what is said elsewhere", async () => {
      for (const room of ["lobby", "x"]) await eve.call(0x8100, { room, name: "Eve", text: "?" });
      return await settlesWithin(begun, 20);
    });
    /** What one hears next that Eve has not asked. */
    const nextOf = async (heard: AsyncIterator<unknown>) => {
      for (;;) {
        const { name, text } = (await heard.next()).value as Record<string, unknown>;
        if (name !== "Eve") return { name, text };
      }
    };
    const printing = site.spawn("call", "0x8101", '{"room":"lobby"}');
    await waitFor("the command has joined", () => printing.stdout.includes("\n"));
    await ada.call(0x8100, { room: "lobby", name: "Ada", text: "hello" });
    await ada.call(0x8100, { room: "x", name: "Ada", text: "over here" });
    for (const heard of [lobby, also]) {
      assert.deepEqual(await nextOf(heard), { name: "Ada", text: "hello" });
    }
    assert.deepEqual(await nextOf(other), { name: "Ada", text: "over here" });
    await waitFor(
      "the command prints it",
      () => /"name":"Ada","text":"hello"/.test(printing.stdout),
    );
    assert.doesNotMatch(printing.stdout, /over here/);
    printing.child.kill("SIGINT");
    assert.equal((await printing.finished).code, 130);
    for (const heard of [lobby, also, other]) await heard.return?.();
    const said = ada.call(0x8100, { room: "LOBBY", name: "Ada", text: "hello" });
    await assert.rejects(said, { code: "bad-body", message: /^Field "room" is wrong/ });
  }, 3);
});

Deno.test("The key-value store keeps what is set, lists it, and says when it is set", async () => {
  await withExample("key_value", async (site, connectMore) => {
    await using client = await connectMore();
    const told = client.subscribe(["kv.*"]);
    await told.begun;
    assert.deepEqual(await client.call(0x8200, { key: "a", value: "1" }), { keys: 1 });
    assert.deepEqual(await client.call(0x8200, { key: "b", value: "2" }), { keys: 2 });
    assert.deepEqual(await client.call(0x8201, { key: "a" }), { value: "1" });
    await assert.rejects(client.call(0x8201, { key: "c" }), { code: "not-found" });
    assert.deepEqual(await Array.fromAsync(client.stream(0x8202, {})), [
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ]);
    for (const key of ["a", "b"]) {
      const { topic, body } = (await told.next()).value ?? {};
      assert.deepEqual({ topic, body }, { topic: "kv.set", body: { key } });
    }
    await told.return?.();
    assert.deepEqual(await site.json("call", "0x8201", '{"key":"b"}'), { value: "2" });
    const refused = await site.run("call", "0x8201", '{"key":"c"}');
    assert.deepEqual([refused.code, refused.stderr.trim()], [3, 'msquicd: No value for "c"']);
    for (const words of [["call", "x"], ["call", "0x8201", "[]"], ["call", "0x8201", "{"]]) {
      assert.equal((await site.run(...words)).code, 2);
    }
  });
});

Deno.test({
  name: "The rules for uploads date files, refuse programs, and scan what has come",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withExample("upload_rules", async (_site, connectMore) => {
      await using client = await connectMore();
      const bytes = new TextEncoder().encode("minutes of the meeting");
      const { name, renamedFrom } = await client.put(bytes, "minutes.txt");
      assert.match(name, /^\d{4}-\d\d-\d\d\/minutes\.txt$/);
      assert.equal(renamedFrom, "minutes.txt");
      await assert.rejects(client.put(bytes, "Setup.EXE"), {
        code: "refused",
        message: /programs are not stored here/,
      });
      const virus = new TextEncoder().encode(["EICAR-STANDARD", "ANTIVIRUS-TEST-FILE"].join("-"));
      await assert.rejects(client.put(virus, "letter.doc"), {
        code: "refused",
        message: /action "scan" refuses it: The test virus is in it/,
      });
      await client.remove(name);
    }),
});

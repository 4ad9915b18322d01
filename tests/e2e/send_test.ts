import assert from "node:assert/strict";
import { isAlive, Site, waitFor } from "./harness.ts";

const OWN = `
export default ({ defineMessage, defineHandler, v }) => {
  const body = v.object({ text: v.string() });
  const shout = defineMessage({ type: 0x8000, name: "test.shout", request: body, response: body });
  return [defineHandler(shout, ({ text }) => ({ text: text.toUpperCase() }))];
};
`;

interface Sent {
  port: number;
  message: string;
  answer: Record<string, unknown>;
}

Deno.test("msquicd: send has a worker answer what a client could ask it", async () => {
  await using site = await Site.create(2);
  const config = site.path("msquicd.jsonc");
  const handlers = site.path("own.ts");
  await Deno.writeTextFile(handlers, OWN);
  const actions = {
    say: { command: ["/bin/sh", "-c", "printf 'a\\n\\377'; exit 2"] },
    sleep: { command: ["/bin/sh", "-c", "echo $$; exec sleep 300"] },
  };
  await Deno.writeTextFile(config, JSON.stringify({ actions, handlers: [handlers] }));
  const manager = await site.start("--config", config);
  const [one, other] = site.ports.map(String) as [string, string];
  const send = (...words: string[]) => site.run("send", ...words);

  const [stats, list, run, late, named, numbered, shown, file, unknown, wrong, array, gone, body] =
    await Promise.all([
      site.json<Sent>("send", one, "system.stats"),
      site.json<Sent>("send", one, "system.action.list"),
      site.json<Sent>("send", one, "system.action.run", '{"name":"say"}'),
      send(one, "system.action.run", '{"name":"sleep"}', "--deadline", "1s"),
      site.json<Sent>("send", other, "test.shout", '{"text":"hi"}'),
      site.json<Sent>("send", other, "0x8000", '{"text":"hi"}'),
      send(other, "test.shout", '{"text":"\\u009b2J"}'),
      send(one, "file.list"),
      send(one, "system.nothing"),
      send(one, "system.info", "{"),
      send(one, "system.info", "[]"),
      send("1", "system.info"),
      send(other, "test.shout", "{}"),
    ]);
  assert.deepEqual([stats.port, stats.message, stats.answer.port], [
    Number(one),
    "system.stats",
    Number(one),
  ]);
  assert.equal((list.answer.actions as unknown[]).length, 2);
  const [said, ...rest] = run.answer as unknown as Record<string, unknown>[];
  const outcome = rest.at(-1)?.outcome as Record<string, unknown>;
  assert.equal(outcome.exitCode, 2);
  const pieces = [said, ...rest].map((part) => part?.stdout).filter((part) => part !== undefined);
  assert.deepEqual(
    pieces,
    pieces.length === 1 ? [{ base64: "YQr/" }] : ["a\n", { base64: "/w==" }],
  );
  for (const { answer } of [named, numbered]) assert.deepEqual(answer, { text: "HI" });
  assert.match(shown.stdout, /"text": "\\u\{9b\}2J"/);
  assert.deepEqual(
    [late, file, unknown, wrong, array, gone, body].map(({ code }) => code),
    [5, 1, 1, 2, 2, 3, 1],
    late.stderr,
  );
  assert.match(file.stderr, /Cannot send file.list: only system messages/);
  assert.match(body.stderr, /text/);
  // What nobody waits for any more is ended, and written down like what a client wants.
  const [, pid] = await waitFor(
    "the action is noted",
    () =>
      /Action "sleep" .* begins for this machine, .*: process (\d+)/.exec(manager.stderr) ?? false,
  );
  await waitFor("the action is over", () => !isAlive(Number(pid)));

  await site.json("stop", other);
  const stopped = await send(other, "system.info");
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /cannot answer: it is stopped; to see the workers: /);
});

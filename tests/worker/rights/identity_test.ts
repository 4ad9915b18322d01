import assert from "node:assert/strict";
import fc from "fast-check";
import type { Scope } from "../../../base/scopes.ts";
import {
  actionHandlers,
  type ActionServices,
  builtinHandlers,
  HandlerRegistry,
  type MessageHandler,
  systemHandlers,
  type SystemServices,
} from "../../../handlers/messages/mod.ts";
import {
  decodeDatagram,
  encodeDatagram,
  Flags,
  MAX_BODY_LENGTH,
  messages,
} from "../../../protocol/mod.ts";
import { Identity, MANAGER, OWNER, STRANGER } from "../../../worker/rights/identity.ts";
import { SessionBench } from "../fakes.ts";

/** What each request takes, said once more: any of the sets of scopes will do. */
const TAKES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "ping": [[]],
  "echo": [[]],
  "events.subscribe": [["read"]],
  "file.put": [["write"]],
  "file.put_many": [["write"]],
  "file.put_stream": [["write"]],
  "file.put_striped": [["write"]],
  "file.put_chunks": [["write"]],
  "file.get": [["read"]],
  "file.digests": [["read"]],
  "file.get_many": [["read"]],
  "file.list": [["read"]],
  "file.stat": [["read"]],
  "file.delete": [["delete"]],
  "file.resume": [["write"]],
  "file.move": [["write", "delete"]],
  "file.mkdir": [["write"]],
  "file.sum": [["read"]],
  "file.quotas": [["read"]],
  "system.info": [["system"]],
  "system.time": [["system"]],
  "system.stats": [["system"]],
  "system.processes": [["system"]],
  "system.disk": [["system"]],
  "system.action.list": [["action:*"], ["action:one"], ["action:two"]],
  "system.action.run": [["action:*"], ["action:one"], ["action:two"]],
  "own.plain": [["call:*"], ["call:own.plain"], ["call:32768"]],
  "own.writer": [["call:*", "write"], ["call:own.writer", "write"], ["call:0x8001", "write"]],
  "own.mover": [["call:*", "write", "delete"], ["call:own.mover", "write", "delete"]],
};

const SCOPES: readonly Scope[] = [
  ...(["read", "write", "delete", "system", "admin", "call:*", "call:own.plain"] as const),
  ...(["call:own.writer", "call:own.mover", "call:32768", "call:0x8001", "call:65535"] as const),
  ...(["action:*", "action:one", "action:two", "call:file.get", "call:ping"] as const),
];

const OWN: readonly Pick<MessageHandler, "type" | "name" | "right">[] = [
  { type: 0x8000, name: "own.plain", right: "use" },
  { type: 0x8001, name: "own.writer", right: "write" },
  { type: 0x8002, name: "own.mover", right: ["write", "delete"] },
];

/** All messages that a server may take, of which each only notes that it was asked for. */
function allHandlers(note: (name: string) => void): MessageHandler[] {
  const { system, action } = {
    system: systemHandlers({} as SystemServices),
    action: actionHandlers({} as ActionServices),
  };
  return [...builtinHandlers(), ...system, ...action, ...OWN].map(({ type, name, right }) => ({
    ...{ type, name, right, atOnce: true, datagrams: true },
    handle: () => (note(name), {}),
  }));
}

const tokens = fc.uniqueArray(fc.constantFrom(...SCOPES), { maxLength: 6 })
  .map((allow) => new Identity({ kind: "token", name: "ci", allow }));

function mayAsk({ scopes }: Identity, name: string): boolean {
  if (scopes.includes("admin")) return true;
  const sets = TAKES[name] ?? assert.fail(`${name} is not in the table`);
  return sets.some((set) => set.every((scope) => (scopes as readonly string[]).includes(scope)));
}

Deno.test("Identity lets no request through that its scopes do not allow, and each other one", () => {
  const handlers = allHandlers(() => {});
  // What a server says unasked is nothing to ask for, and hello comes before.
  const named = Object.values(messages).filter((message) => "parseRequest" in message)
    .map(({ name }) => name as string).filter((name) => name !== "hello");
  const known = new Set(handlers.map(({ name }) => name));
  assert.deepEqual(named.filter((name) => !known.has(name)), []);
  fc.assert(fc.property(tokens, fc.shuffledSubarray(handlers), (identity, asked) => {
    // Once more: what was found out is kept.
    for (const handler of [...asked, ...asked]) {
      const may = mayAsk(identity, handler.name);
      assert.equal(identity.mayAsk(handler), may, `${handler.name} by ${identity.scopes}`);
      if (may) identity.checkMayAsk(handler);
      else assert.throws(() => identity.checkMayAsk(handler), { code: "permission-denied" });
    }
  }));
  for (const handler of handlers) {
    assert.ok(OWNER.mayAsk(handler) && MANAGER.mayAsk(handler), handler.name);
    assert.ok(!STRANGER.mayAsk(handler), handler.name);
  }
});

Deno.test("No request reaches a handler that the client's scopes do not allow, however it comes", async () => {
  const reached: string[] = [];
  const all = allHandlers((name) => reached.push(name));
  await using bench = await SessionBench.open({ handlers: new HandlerRegistry(all) });
  const { connection, session } = bench;
  /** As a whole, with something behind it, and as a datagram. */
  const ways: ((type: number) => Promise<Record<string, unknown>>)[] = [
    async (type) => (await connection.request(type, {}).answer()).body,
    async (type) => (await connection.request(type, {}, new Uint8Array(1)).answer()).body,
    (type) => {
      connection.bringDatagram(encodeDatagram(1, { type, flags: 0, body: {} }));
      const answer = decodeDatagram(connection.datagrams.pop()!, MAX_BODY_LENGTH)!.message;
      assert.ok((answer.flags & Flags.response) !== 0);
      return Promise.resolve(answer.body as Record<string, unknown>);
    },
  ];
  const one = fc.asyncProperty(
    tokens,
    fc.constantFrom(...all),
    fc.constantFrom(...ways),
    async (identity, { type, name }, ask) => {
      Object.defineProperty(session, "identity", { value: identity, configurable: true });
      reached.length = 0;
      const body = await ask(type);
      const may = mayAsk(identity, name);
      assert.deepEqual(reached, may ? [name] : []);
      assert.equal(body.code, may ? undefined : "permission-denied");
      if (!may) assert.match(String(body.message), /needs the right "[a-z]+[a-z.:]*", which token/);
    },
  );
  await fc.assert(one, { numRuns: 300 });
});

Deno.test("Identity says which right is missing, for what, and who lacks it", () => {
  const refusal = (kind: "token" | "anonymous", allow: Scope[]) => {
    const identity = new Identity({ kind, name: "ci", allow });
    try {
      identity.check("delete", "replacing files");
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const missing = 'Not allowed: replacing files needs the right "delete", which';
  assert.equal(refusal("token", ["write"]), `${missing} token "ci" does not have`);
  assert.equal(refusal("anonymous", []), `${missing} a client without a token does not have`);
  assert.equal(refusal("token", ["delete"]), undefined);
  assert.equal(refusal("token", ["admin"]), undefined);
});

Deno.test("Identity allows what stands for many, and not more", () => {
  const identity = new Identity({ kind: "token", name: "ci", allow: ["call:*", "action:one"] });
  assert.ok(identity.allows("call:anything"));
  assert.ok(identity.allows("action:one"));
  assert.ok(!identity.allows("action:two"));
  assert.ok(!identity.allows("action:*"));
  assert.ok(!identity.allows("read"));
  assert.ok(!identity.allows("admin"));
});

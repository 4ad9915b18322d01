import assert from "node:assert/strict";
import * as v from "valibot";
import { delay } from "../../../base/mod.ts";
import type { Scope } from "../../../base/scopes.ts";
import {
  defineHandler,
  type HandlerContext,
  HandlerRegistry,
  type MessageHandler,
} from "../../../handlers/messages/mod.ts";
import {
  ApplicationError,
  defineMessage,
  encodeMessage,
  Flags,
  MessageReader,
  MessageType,
} from "../../../protocol/mod.ts";
import { REQUEST_LIMITS, RequestBounds } from "../../../worker/requests/request_limits.ts";
import { Identity } from "../../../worker/rights/identity.ts";
import { type Answer, FakeStream, SessionBench } from "../fakes.ts";

const CUSTOM = 0x8000;
const ERROR = Flags.response | Flags.error;

function handlerOf(
  handle: MessageHandler["handle"],
  more: Partial<MessageHandler> = {},
): MessageHandler {
  return { type: CUSTOM, name: "custom", right: "use", handle, ...more };
}

function open(handler: MessageHandler, limits = REQUEST_LIMITS): Promise<SessionBench> {
  return SessionBench.open({ handlers: new HandlerRegistry([handler]), requestLimits: limits });
}

/** All messages of an answer. */
async function messagesOf(answer: Answer): Promise<[flags: number, body: unknown][]> {
  const rest = [answer.data];
  const reader = new MessageReader({ read: () => Promise.resolve(rest.shift() ?? null) });
  const messages: [number, unknown][] = [[answer.flags, answer.body]];
  for (;;) {
    const message = await reader.readNext();
    if (message === undefined) return messages;
    messages.push([message.flags, message.body]);
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < end, `Waited in vain: ${condition}`);
    await delay(1);
  }
}

Deno.test("A sequence is a message for each answer, and ends with the stream", async () => {
  await using bench = await open(handlerOf(count, { sequence: true }));
  const answer = await bench.connection.request(CUSTOM, { to: 3 }).answer();
  assert.deepEqual(
    await messagesOf(answer),
    [0, 1, 2].map((number) => [Flags.response, { number }]),
  );
  assert.equal(bench.counters.values.errors, undefined);

  async function* count({ body }: HandlerContext) {
    for (let number = 0; number < Number(Object(body).to); number++) {
      await delay(0);
      yield { number };
    }
  }
});

Deno.test("A sequence that fails ends with an error answer behind what has come", async () => {
  await using bench = await open(handlerOf(fail, { sequence: true }));
  const answer = await bench.connection.request(CUSTOM, {}).answer();
  const [[, first], [flags, error]] = await messagesOf(answer) as [
    [number, unknown],
    [number, { code: string }],
  ];
  assert.deepEqual([first, flags, error.code], [{ number: 1 }, ERROR, "internal"]);
  assert.equal(bench.failures.length, 1);

  async function* fail() {
    yield { number: 1 };
    await delay(0);
    throw new Error("No more");
  }
});

Deno.test("A sequence is made no faster than the client takes it, and ends with the client", async () => {
  let made = 0;
  let ended = false;
  await using bench = await open(handlerOf(flood, { sequence: true }));
  const stream = new SlowStream(encodeMessage({ type: CUSTOM, body: {} }));
  bench.connection.open(stream);
  await until(() => made > 0);
  await delay(50);
  const first = made;
  assert.ok(first < 30, `${first} of 16 KiB are on their way`);
  stream.takes();
  await until(() => made > first);
  stream.clientResets();
  stream.takes();
  await until(() => ended);
  assert.equal(stream.abortedWith, ApplicationError.cancelled);

  async function* flood() {
    try {
      for (;; made++) yield { data: new Uint8Array(16_384) };
    } finally {
      ended = true;
      await delay(0);
    }
  }
});

Deno.test("A handler that hangs costs its own request, which is refused when its time is over", async () => {
  const released = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  let remainingMs = 0;
  const hangs = handlerOf(async (context) => {
    ({ signal, remainingMs } = context);
    await released.promise;
    return {};
  }, { limits: { deadlineMs: 100, maxRequests: 2 } });
  await using bench = await open(hangs);
  const { connection } = bench;
  for (let n = 0; n < 2; n++) {
    const { flags, body } = await connection.request(CUSTOM, {}).answer();
    assert.deepEqual([flags, body.code], [ERROR, "deadline-exceeded"]);
  }
  assert.ok(signal?.aborted);
  assert.ok(remainingMs > 0 && remainingMs <= 100, `${remainingMs}`);
  // Both still run: a third one would, too.
  const { body } = await connection.request(CUSTOM, {}).answer();
  assert.equal(body.code, "too-many-requests");
  assert.match(String(body.message), /2 requests custom are under way; try again/);
  assert.equal((await connection.request(CUSTOM + 1, {}).answer()).body.code, "unknown-type");
  released.resolve();
  await delay(0);
  assert.deepEqual((await connection.request(CUSTOM, {}).answer()).body, {});
});

Deno.test("A client's deadline is the handler's, if it is shorter, and no part of the body", async () => {
  const bodies: unknown[] = [];
  await using bench = await open(handlerOf(async ({ body, signal }) => {
    bodies.push(body);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return {};
  }));
  const { connection } = bench;
  const late = await connection.request(CUSTOM, { a: 1, $deadlineMs: 20 }).answer();
  assert.equal(late.body.code, "deadline-exceeded");
  for (const $deadlineMs of [0, -1, 1.5, "1", 86_400_001]) {
    const { body } = await connection.request(CUSTOM, { $deadlineMs }).answer();
    assert.equal(body.code, "bad-body");
    assert.match(String(body.message), /^Field "\$deadlineMs" is not a whole number/);
  }
  assert.deepEqual(bodies, [{ a: 1 }]);
});

Deno.test("One client's requests that are under way have a bound, and other types none of it", async () => {
  const released = Promise.withResolvers<void>();
  let begun = 0;
  const waits = handlerOf(async () => {
    begun++;
    await released.promise;
    return {};
  });
  await using bench = await open(waits, { ...REQUEST_LIMITS, perSession: 3 });
  const { connection } = bench;
  const waiting = [1, 2, 3].map(() => connection.request(CUSTOM, {}));
  await until(() => begun === 3);
  const { body } = await connection.request(CUSTOM, {}).answer();
  assert.equal(body.code, "too-many-requests");
  assert.match(String(body.message), /3 of this client's are under way/);
  released.resolve();
  for (const stream of waiting) assert.deepEqual((await stream.answer()).body, {});
  assert.deepEqual((await connection.request(CUSTOM, {}).answer()).body, {});
});

Deno.test("RequestBounds tells whose requests were under way since it was last asked", () => {
  const counted: number[] = [];
  const bounds = new RequestBounds(REQUEST_LIMITS, { add: (_, amount) => counted.push(amount) });
  const session = {};
  const [slow, quick] = [handlerOf(() => ({})), handlerOf(() => ({}), { type: CUSTOM + 1 })];
  bounds.note(slow);
  bounds.of(slow)?.enter(session);
  bounds.note(quick);
  assert.deepEqual(bounds.takeUnderWay().sort(), ["custom (32768)", "custom (32769)"]);
  assert.deepEqual(bounds.takeUnderWay(), ["custom (32768)"]);
  bounds.of(slow)?.leave(session);
  assert.deepEqual(bounds.takeUnderWay(), ["custom (32768)"]);
  assert.deepEqual(bounds.takeUnderWay(), []);
  // The type of the last one, as a difference to the one before.
  assert.deepEqual(counted, [CUSTOM, 1]);
});

Deno.test("A handler is not waited for when its client has gone", async () => {
  let begun = false;
  const hangs = handlerOf(() => {
    begun = true;
    return new Promise(() => {});
  });
  const bench = await open(hangs);
  const stream = new FakeStream([encodeMessage({ type: CUSTOM, body: {} })], { open: true });
  bench.connection.open(stream);
  await until(() => begun);
  // Waits for the session's end, which waits for its requests.
  await bench[Symbol.asyncDispose]();
});

Deno.test("A request needs the right that its message says", async () => {
  const handler = handlerOf(() => ({}), { right: ["write", "delete"] });
  await using bench = await open(handler);
  const { connection, session } = bench;
  assert.deepEqual((await connection.request(CUSTOM, {}).answer()).body, {});
  const cases: [Scope[], string][] = [
    [[], "call:custom"],
    [["read", "call:other"], "call:custom"],
    [["call:custom", "delete"], "write"],
    [["call:32768", "write"], "delete"],
    [["call:*"], "write"],
    [["write", "delete"], "call:custom"],
  ];
  for (const [allow, missing] of cases) {
    const identity = new Identity({ kind: "token", name: "ci", allow });
    Object.defineProperty(session, "identity", { value: identity, configurable: true });
    const { body } = await connection.request(CUSTOM, {}).answer();
    assert.deepEqual(body, {
      code: "permission-denied",
      message: `Not allowed: custom needs the right "${missing}", which token "ci" does not have`,
    });
  }
  const { ping } = MessageType;
  assert.equal((await connection.request(ping, {}).answer()).body.code, "unknown-type");
});

/** A stream whose client takes what is sent only when it is told to. */
class SlowStream extends FakeStream {
  readonly #waiting: (() => void)[] = [];

  constructor(request: Uint8Array) {
    super([request], { open: true });
  }

  override async send(data: Uint8Array, options: { fin?: boolean } = {}): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await super.send(data, options);
  }

  override clientResets(): void {
    super.clientResets();
    this.connectionEnds();
  }

  takes(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

Deno.test("An answer that its message does not allow costs its request, and the log says which field", async () => {
  const body = v.strictObject({ n: v.number(), name: v.optional(v.string()) });
  const any = v.record(v.string(), v.unknown());
  const given = v.object({ answer: v.optional(any), answers: v.optional(v.array(any)) });
  const options = { type: CUSTOM, name: "test.given", request: given, response: body };
  const one = defineMessage(options);
  const many = defineMessage({ ...options, sequence: true });
  const answer = ({ answer }: { answer?: unknown }) => answer as { n: number };
  const handlers = {
    later: defineHandler(one, (request) => Promise.resolve(answer(request))),
    atOnce: defineHandler(one, answer, { atOnce: true }),
    withData: defineHandler(one, (request, context) => context.replyWithData(answer(request))),
    sequence: defineHandler(many, async function* ({ answers }) {
      yield* answers as unknown as { n: number }[];
    }),
  };
  for (const [way, handler] of Object.entries(handlers)) {
    await using bench = await open(handler);
    const ask = async (answer: unknown) =>
      (await messagesOf(
        await bench.connection.request(CUSTOM, { answer, answers: [{ n: 0 }, answer] }).answer(),
      )).at(-1);
    const data = way === "withData" ? Flags.data : 0;
    // What is undefined is not sent.
    assert.deepEqual(await ask({ n: 1, other: undefined }), [Flags.response | data, { n: 1 }], way);
    assert.equal(bench.failures.length, 0, way);
    const [flags, told] = await ask({ n: "1" }) ?? [];
    assert.deepEqual([flags, Object(told).code], [ERROR, "internal"], way);
    assert.match(
      String(bench.failures[0]?.error),
      /test\.given \(32768\) .* Field "n" is wrong: /,
      way,
    );
  }
  const unchecked = defineHandler(one, answer, { checkAnswers: false });
  await using bench = await open(unchecked);
  const got = await bench.connection.request(CUSTOM, { answer: { n: "1" } }).answer();
  assert.deepEqual([got.flags, got.body], [Flags.response, { n: "1" }]);
});

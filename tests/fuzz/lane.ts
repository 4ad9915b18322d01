import type { Case, Greeting, StreamPlan } from "./cases.ts";
import { CLOSE_CODES, judge, type Judgement, leakIn, type Secrets } from "./answers.ts";
import type { BadTokens } from "./arena.ts";
import { tryCodec } from "./codec.ts";
import type { Findings } from "./findings.ts";
import { type Identity, mayHaveAnswer } from "./identities.ts";
import { type Outcome, Peer, type Target } from "./peer.ts";
import type { Tally } from "./tally.ts";
import { concat, delay, settlesWithin } from "../../base/mod.ts";

/** What a lane is given. */
export interface LaneOptions {
  readonly target: Target;
  /** Who it is. */
  readonly identity: Identity;
  readonly bad: BadTokens;
  readonly secrets: Secrets;
  readonly findings: Findings;
  readonly tally: Tally;
}

/** How long a server may be behind, in milliseconds. */
const CONNECT_MS = 20_000;

/** How long a server may take to end a connection that has not said who it is, in milliseconds. */
const CLOSE_MS = 15_000;

/** A client that tries one case after the other on a connection, and connects again when that is over. */
export class Lane implements Disposable {
  readonly #options: LaneOptions;
  #peer: Promise<Peer> | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Tries a case; what is wrong with what comes of it goes to the findings. Never rejects. */
  async try(index: number, tried: Case): Promise<void> {
    try {
      await this.#try(index, tried);
    } catch (error) {
      this.#find("The client cannot go on", index, error instanceof Error ? error.message : error);
      this[Symbol.dispose]();
      this.#peer = undefined;
    }
  }

  [Symbol.dispose](): void {
    void this.#peer?.then((peer) => peer[Symbol.dispose](), () => {});
  }

  async #try(index: number, tried: Case): Promise<void> {
    const { tally, identity } = this.#options;
    switch (tried.kind) {
      case "codec": {
        const { outcome, wrong } = await tryCodec(tried.bytes, tried.cuts);
        tally.count("codec", outcome);
        if (wrong !== undefined) this.#find(wrong, index, tried.bytes.toHex().slice(0, 200));
        return;
      }
      case "stream": {
        const outcome = await (await this.#session()).exchange(tried.plan);
        tally.count(`stream of ${identity.name}`, this.#judge(index, tried.plan, outcome));
        return;
      }
      case "datagram": {
        await (await this.#session()).datagram(tried.bytes);
        tally.count("datagram", "sent");
        return;
      }
      case "connection":
        tally.count("connection", await this.#connect(index, tried.greeting));
    }
  }

  /** A connection whose hello was answered. */
  #session(): Promise<Peer> {
    return this.#peer ??= this.#open();
  }

  async #open(): Promise<Peer> {
    const { target, identity: { token }, tally, secrets, findings } = this.#options;
    const peer = await patiently(target);
    const { bytes } = await peer.hello(token);
    const { outcome } = judge(bytes, 1);
    if (outcome !== "answer") throw new Error(`The server refuses hello: ${outcome}`);
    void peer.closed.then(() => {}, () => {}).then(() => this.#peer = undefined);
    void (async () => {
      for await (const datagram of peer.datagrams()) {
        const { outcome, wrong } = judge(datagram.subarray(4), undefined);
        tally.count("datagram", outcome);
        const leak = leakIn(datagram, secrets);
        if (wrong !== undefined) findings.add(wrong, `in a datagram ${datagram.toHex()}`);
        if (leak !== undefined) findings.add("A secret is told", "in a datagram");
      }
    })();
    return peer;
  }

  /** @returns What came of it, in a word. */
  #judge(index: number, plan: StreamPlan, { bytes, how, reason }: Outcome): string {
    const sent = plan.pieces.reduce((sum, { length }) => sum + length, 0);
    if (how === "hang") {
      this.#find("A stream hangs", index, `${sent} bytes, ${plan.end}`);
      return "hang";
    }
    if (how === "unread") return how;
    if (leakIn(bytes, this.#options.secrets) !== undefined) {
      this.#find("A secret is told", index, leakIn(bytes, this.#options.secrets));
    }
    const judged = judge(bytes, typeOf(plan), { whole: how === "end" });
    if (how === "reset") return this.#judgeReset(index, plan, judged, reason);
    if (judged.wrong !== undefined) this.#find(judged.wrong, index, bytes.toHex().slice(0, 200));
    const { outcome } = judged;
    if (outcome === "nothing" && plan.end === "fin" && !mayBeSilent(plan)) {
      this.#find("A request is not answered", index, `${sent} bytes`);
    }
    const { identity } = this.#options;
    const type = typeOf(plan);
    if (outcome === "answer" && !mayHaveAnswer(identity, type ?? 0)) {
      this.#find("What is not allowed is answered", index, `type ${type} of ${identity.name}`);
    }
    const { expect } = plan;
    const denied = outcome === "permission-denied" && !mayHaveAnswer(identity, type ?? 0);
    if (expect !== undefined && plan.end === "fin" && !expect.includes(outcome) && !denied) {
      this.#find(`Answered otherwise than with ${expect}`, index, outcome);
    }
    return outcome;
  }

  /** A server breaks an answer off only where it was told to, or cannot go on. */
  #judgeReset(
    index: number,
    plan: StreamPlan,
    { outcome }: Judgement,
    reason: string | undefined,
  ): string {
    if (plan.end === "fin" && outcome !== "answer" && !hasDeadline(plan)) {
      this.#find("A stream is reset without an answer", index, `${outcome}: ${reason}`);
    }
    return "reset";
  }

  /** A connection of its own, with all that comes before hello, and behind it. */
  async #connect(index: number, greeting: Greeting): Promise<string> {
    const { target, identity: { token }, bad } = this.#options;
    // Who shows wrong tokens again and again is made to wait: so each comes from another address.
    const from = `127.${1 + (index & 63)}.${index >> 6 & 255}.${1 + (index >> 14 & 127)}`;
    using peer = await Peer.connect(target, from).catch(() => undefined);
    // MsQuic takes no more connections while it is behind.
    if (peer === undefined) return "refused";
    const early = greeting.streams.slice(0, greeting.before);
    const late = greeting.streams.slice(greeting.before);
    const sent = early.map((plan) => peer.exchange(plan).catch(() => undefined));
    if (greeting.before > 0) await delay(0);
    const shown = shownFor(greeting.token, token, bad);
    const hello = greeting.token === "none"
      ? undefined
      : peer.hello(shown, { cut: greeting.cut }).catch(() => undefined);
    sent.push(...late.map((plan) => peer.exchange(plan).catch(() => undefined)));
    if (greeting.closeWith !== undefined) {
      await delay(1);
      peer.close(greeting.closeWith);
      await Promise.all([hello, ...sent]);
      return "closed here";
    }
    const over = peer.closed.then(({ closeCode }) => closeCode, String);
    const answered = hello === undefined ? undefined : await Promise.race([hello, over]);
    const welcome = typeof answered === "object" && judge(answered.bytes, 1).outcome === "answer";
    if (welcome && (greeting.token !== "right" || greeting.before > 0)) {
      this.#find("A client is let in that must not be", index, JSON.stringify(greeting.token));
    }
    if (welcome) {
      await Promise.all(sent);
      return "welcome";
    }
    if (greeting.token === "right" && greeting.before === 0) {
      this.#find("A client is refused that is welcome", index, String(answered));
    }
    if (!await settlesWithin(over, CLOSE_MS)) {
      this.#find("A connection without hello stays", index, greeting.token);
      return "hang";
    }
    const code = await over;
    if (!CLOSE_CODES.has(Number(code))) {
      this.#find("A connection ends with an odd code", index, code);
    }
    peer.close();
    await Promise.all(sent);
    return `closed with ${code}`;
  }

  #find(what: string, index: number, where: unknown): void {
    this.#options.findings.add(what, `case ${index}: ${where}`);
  }
}

/** Connects; a server that is behind refuses, and is asked again. */
async function patiently(target: Target): Promise<Peer> {
  const until = performance.now() + CONNECT_MS;
  for (;;) {
    try {
      return await Peer.connect(target);
    } catch (error) {
      if (performance.now() > until) throw error;
      await delay(100);
    }
  }
}

function shownFor(kind: Greeting["token"], token: string, bad: BadTokens): unknown {
  if (kind === "right") return token;
  if (kind === "revoked" || kind === "expired") return bad[kind];
  if (kind === "wrong") return token.replace(/.$/, (last) => last === "A" ? "B" : "A");
  return kind === "long" ? "x".repeat(2000) : { token };
}

/** The type in the header of what is sent; undefined where it does not come that far. */
function typeOf({ pieces }: StreamPlan): number | undefined {
  const head: number[] = [];
  for (const piece of pieces) head.push(...piece.subarray(0, 4 - head.length));
  return head.length < 4 ? undefined : head[2]! << 8 | head[3]!;
}

/** Raw bytes are broken off when their time is over. */
function hasDeadline({ pieces }: StreamPlan): boolean {
  return new TextDecoder("latin1").decode(concat(pieces)).includes("$deadlineMs");
}

/** A sequence may have no answers at all. */
function mayBeSilent(plan: StreamPlan): boolean {
  return typeOf(plan) === 0x8002;
}

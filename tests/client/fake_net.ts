import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { ask, unchecked } from "../../client/exchange.ts";
import { Link } from "../../client/link.ts";
import { Roaming, type RoamingOptions } from "../../client/roaming.ts";
import { type Address, ConnectError, type ConnectionEnd } from "../../ffi/mod.ts";
import { ApplicationError, encodeAnswer, type HelloResponse } from "../../protocol/mod.ts";
import { type Answerer, FakeConnection, FakeServer } from "./fake_server.ts";

export const LOST: ConnectionEnd = { by: "transport", errorCode: 0, status: 1, message: "lost" };
export const LEFT: ConnectionEnd = {
  by: "peer",
  errorCode: ApplicationError.shuttingDown,
  status: 0,
  message: "closed by the peer",
};
export const CUSTOM = 0x8000;

function nothingOn(port: number): ConnectError {
  return new ConnectError("unreachable", 1, `Nothing listens on ${port}`);
}

/** Answers with the port that it has. */
export function answering(port: number): Answerer {
  return ({ type }, stream) => stream.send(encodeAnswer(type, { port }), { fin: true });
}

/** Servers in memory on ports of one host, and the connections that were made to them. */
export class Net {
  readonly connections: { port: number; connection: FakeConnection; server: FakeServer }[] = [];
  readonly #answerers = new Map<number, Answerer>();
  readonly tried: number[] = [];
  /** What the server on a port answers the greeting with. */
  readonly refuses = new Map<number, Error>();
  /** What servers say in their greeting, besides what they must. */
  saysToo: Partial<HelloResponse> = {};
  /** Is told of a connection before the client has it. */
  onConnect: (port: number) => void = () => {};

  /** A server comes up. */
  up(port: number, answer: Answerer = answering(port)): void {
    this.#answerers.set(port, answer);
  }

  down(port: number): void {
    this.#answerers.delete(port);
  }

  /** The last connection to a port. */
  to(port: number): { connection: FakeConnection; server: FakeServer } {
    const found = this.connections.findLast((each) => each.port === port);
    assert.ok(found, `Nobody has connected to ${port}`);
    return found;
  }

  dial = (address: Address): Promise<Link> => {
    const { port } = address;
    this.tried.push(port);
    const answer = this.#answerers.get(port);
    const refusal = this.refuses.get(port);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (answer === undefined) return Promise.reject(nothingOn(port));
    const server = new FakeServer(answer);
    const connection = new FakeConnection(server);
    this.connections.push({ port, connection, server });
    this.onConnect(port);
    const hello = {
      session: `s${port}`,
      server: "fake/1",
      maxBodyLength: 1000,
      ...this.saysToo,
    };
    return Promise.resolve(new Link({ connection, address, hello, roundTripMs: 1 }));
  };

  /** A client that knows these ports, connected to the first. */
  async roam(
    ports: number[],
    options: Partial<Pick<RoamingOptions, "failover" | "retryForMs" | "onConnection">> = {},
  ): Promise<Roaming> {
    const servers = ports.map((port) => ({ hostname: "host", port }));
    const [first] = servers;
    assert.ok(first);
    const link = await this.dial(first);
    const usual = { timeoutMs: 1000, failover: true, retryForMs: 5000 };
    return new Roaming({ link, servers, dial: this.dial, ...usual, ...options });
  }
}

export function request(
  roaming: Roaming,
  options: { repeatable?: boolean; signal?: AbortSignal } = {},
) {
  const { repeatable = true, signal } = options;
  return roaming.run(
    (use) => ask(use, unchecked(CUSTOM), {}, signal === undefined ? {} : { signal }),
    {
      repeatable,
      signal,
    },
  );
}

export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `Waited in vain: ${what}`);
    await delay(1);
  }
}

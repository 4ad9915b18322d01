import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { configure, reset } from "@logtape/logtape";
import { connect } from "../../client/mod.ts";
import { within } from "../ffi/within.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { assertTrips } from "../fixtures/round_trips.ts";
import { Fleet } from "./fleet.ts";

/** Three seconds, or ten round trips, until a worker that says nothing is given up. */
const LOSS_MS = 60_000;

/** Is told when the client finds its connection lost. */
async function lossesOf(onLoss: () => void): Promise<AsyncDisposable> {
  await configure({
    sinks: {
      memory: ({ rawMessage }) => rawMessage === "Connection to {server} {reason}" && onLoss(),
    },
    loggers: [
      { category: ["msquicd", "client"], sinks: ["memory"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  return { [Symbol.asyncDispose]: reset };
}

Deno.test({
  name:
    "A client whose worker was killed is answered at another one two round trips after it knows",
  ignore: Deno.build.os !== "linux",
  async fn() {
    // Of two managers: neither tells of a port that is not the network's.
    await using one = await Fleet.start(1);
    await using two = await Fleet.start(1);
    const fleets = [one, two];
    const ports = fleets.map(({ ports: [port = 0] }) => port);
    await using network = await BadNetwork.start({ targets: ports });
    const { token } = one.access();
    const fingerprints = fleets.map((fleet) => fleet.access().fingerprint);
    let lostAt = 0;
    await using _losses = await lossesOf(() => lostAt = performance.now());
    await using client = await connect({
      ...{ server: network.ports.map((port) => `127.0.0.1:${port}`), token },
      fingerprint: () => fingerprints,
    });
    let at = 0;
    const lose = async () => {
      // On the path that the network now is.
      await client.ping();
      const [dead, heir] = [fleets[at]!, fleets[1 - at]!];
      await dead.kill(ports[at]!);
      await within(LOSS_MS, "an answer at the other worker", client.ping());
      const taken = performance.now() - lostAt;
      assert.equal(heir.sessions(ports[1 - at]!), 1);
      await dead.start(ports[at]!);
      at = 1 - at;
      return taken;
    };
    // One for the handshake; the greeting and the request go together, and take another.
    await assertTrips("An answer after the loss", 2.9, network, lose);
  },
});

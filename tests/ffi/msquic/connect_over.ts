import { type Address, Connection, type Settings } from "../../../ffi/mod.ts";
import type { QuicPair } from "../../fixtures/quic_pair.ts";

/** Connects the client of a pair to its server by way of another address. */
export async function connectOver(pair: QuicPair, server: Address, settings: Settings = {}) {
  const connections = pair.listener[Symbol.asyncIterator]();
  const [client, { value }] = await Promise.all([
    Connection.connect(pair.registration, {
      configuration: pair.clientConfiguration({ settings }),
      server,
    }),
    connections.next(),
  ]);
  return { client, server: value! };
}

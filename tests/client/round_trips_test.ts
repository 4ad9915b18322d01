import "../fixtures/loaded_msquic.ts";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { openStorageRoot } from "../../transfer/mod.ts";
import { Server } from "../../worker/mod.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { assertTrips } from "../fixtures/round_trips.ts";

const TOKEN = "a-token-for-the-tests";

Deno.test({
  name:
    "A client takes two round trips for its first request, five for 1 MiB, and none to say goodbye",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using stack = new AsyncDisposableStack();
    const directory = await Deno.makeTempDir({ prefix: "msquicd-trips-" });
    stack.defer(() => Deno.remove(directory, { recursive: true }));
    const { certificateFile, privateKeyFile, fingerprint } = stack.use(await makeTestCertificate());
    const storage = { ...await openStorageRoot(join(directory, "storage")), owner: "test" };
    const server = stack.use(
      await Server.start({
        ...{ address: { hostname: "127.0.0.1", port: 0 }, certificateFile, privateKeyFile },
        ...{ token: TOKEN, storage },
      }),
    );
    const network = stack.use(await BadNetwork.start({ targets: [server.address.port] }));
    const meet = async (use: (client: Client) => Promise<unknown>) => {
      await using client = await connect({
        ...{ server: `127.0.0.1:${network.port}`, token: TOKEN, fingerprint, early: true },
      });
      await use(client);
    };
    // One for the handshake, one for the token and the request.
    const list = () => meet((client) => Array.fromAsync(client.list()));
    await assertTrips("A listing", 2.9, network, list);
    const bytes = new Uint8Array(1000);
    const store = () => meet((client) => client.put(bytes, "small", { overwrite: "always" }));
    await assertTrips("A small file", 2.9, network, store);
    // And three more for 1 MiB: after 72 packets twice as many, four, and eight times.
    const large = new Uint8Array(2 ** 20);
    const put = () => meet((client) => client.put(large, "large", { overwrite: "always" }));
    await assertTrips("An upload of 1 MiB", 5.9, network, put);
    const path = join(directory, "large");
    const get = () => meet((client) => client.get("large", path, { overwrite: "always" }));
    await assertTrips("A download of 1 MiB", 5.9, network, get);
  },
});

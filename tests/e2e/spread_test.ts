import assert from "node:assert/strict";
import { type Client, connect } from "../../client/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { Site, waitFor } from "./harness.ts";

const CLIENTS = 60;

interface Status {
  workers: { sessions: number }[];
}

Deno.test("msquicd: sixty clients are spread over three workers, whatever they name and whenever they come", async (t) => {
  await using site = await Site.create(3);
  const manager = await site.start();
  const { fingerprint } = manager.report;
  const token = await site.token();
  const loads = async () => (await site.json<Status>("status")).workers.map((one) => one.sessions);
  const all = site.ports.map((port) => `127.0.0.1:${port}`);
  const join_ = (server: string): Promise<Client> => connect({ server, token, fingerprint });
  const ways: readonly [string, string, (one: () => Promise<Client>) => Promise<Client[]>][] = [
    ["one port, at once", all[0]!, together],
    ["all ports, one by one", all.join(), oneByOne],
  ];
  for (const [what, server, come] of ways) {
    await t.step(what, async () => {
      const clients = await come(() => join_(server));
      await waitFor("they are spread", async () => {
        const sessions = await loads();
        const sum = sessions.reduce((sum, one) => sum + one, 0);
        return sum === CLIENTS && Math.max(...sessions) - Math.min(...sessions) <= 2;
      });
      await Promise.all(clients.map((client) => client.ping()));
      await Promise.all(clients.map((client) => client.close()));
      await waitFor("they have gone", async () => (await loads()).every((one) => one === 0));
    });
  }
  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
});

/** Each asks for something as soon as it is there, as most do. */
async function together(one: () => Promise<Client>): Promise<Client[]> {
  return await Promise.all(Array.from({ length: CLIENTS }, () => asking(one)));
}

async function oneByOne(one: () => Promise<Client>): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < CLIENTS) clients.push(await asking(one));
  return clients;
}

async function asking(one: () => Promise<Client>): Promise<Client> {
  const client = await one();
  await client.ping();
  return client;
}

import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { Site, type StartReport } from "./harness.ts";

interface Access {
  token: string;
  fingerprint: string;
}

/** Connects as many clients at once, which is when most can go wrong. */
function connectMany(count: number, server: string, access: Access): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => connect({ server, ...access })));
}

/** How many of the clients each port has. */
function spread(clients: readonly Client[], ports: readonly number[]): number[] {
  return ports.map((port) => clients.filter(({ server }) => server === `127.0.0.1:${port}`).length);
}

/** Many clients come and go, that can go nowhere else; then others, that may. */
async function spreadsClients({ ports }: StartReport, access: Access): Promise<void> {
  const stubborn = await connectMany(60, `127.0.0.1:${ports[0]}`, access);
  await Promise.all(stubborn.map((client) => client.ping()));
  await Promise.all(stubborn.map((client) => client.close()));
  const clients = await connectMany(60, `127.0.0.1:${ports.join(",")}`, access);
  const loads = spread(clients, ports);
  await Promise.all(clients.map((client) => client.close()));
  for (const load of loads) assert.ok(load >= 17 && load <= 23, `Clients per port: ${loads}`);
}

Deno.test("A manager and its workers bear with what its surroundings do", async (test) => {
  await using site = await Site.create(3);
  const { report } = await site.start();
  const token = (await Deno.readTextFile(join(site.state, "token"))).trim();
  const access = { token, fingerprint: report.fingerprint };
  // J6
  await test.step("Clients are spread evenly, whoever came before", () =>
    spreadsClients(report, access));
  await site.json("shutdown");
  await site.assertNothingLeft();
});

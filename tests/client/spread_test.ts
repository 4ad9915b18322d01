import assert from "node:assert/strict";
import { type Client, connect } from "../../client/mod.ts";
import { delay } from "../../base/mod.ts";
import { TOKEN, withServer } from "../fixtures/server.ts";
import { withSilence } from "../fixtures/silence.ts";

/** Waits until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  for (const endsAt = performance.now() + 30_000; !condition();) {
    assert.ok(performance.now() < endsAt, "It takes too long");
    await delay(10);
  }
}

Deno.test("Clients that name one port go to one where there is less to do, and stay if told to", async () => {
  await withServer((crowded) =>
    withServer(async (idle) => {
      const { port, server } = idle;
      crowded.running.updateSiblings([{ port, sessions: 0, transfers: 0 }]);
      await using clients = new AsyncDisposableStack();
      const options = { server: crowded.server, token: TOKEN, insecure: true } as const;
      const join = async (spread: boolean): Promise<Client> =>
        clients.use(await connect({ ...options, spread }));
      const staying = await Promise.all(Array.from({ length: 6 }, () => join(false)));
      await Promise.all(staying.map((client) => client.ping())); // who asks, stays
      const moving = await join(true);
      const slow = moving.echo({ n: 1 }); // on the connection that is there
      assert.equal(moving.server, crowded.server);
      await until(() => moving.server === server);
      assert.deepEqual((await slow).body, { n: 1 });
      assert.ok((await moving.ping()).ms > 0);
      assert.deepEqual(staying.map((client) => client.server), Array(6).fill(crowded.server));
    })
  );
});

Deno.test("A client whose better port does not answer stays, and waits for nothing", async () => {
  await withServer((crowded) =>
    withSilence(async (port) => {
      crowded.running.updateSiblings([{ port, sessions: 0, transfers: 0 }]);
      await using clients = new AsyncDisposableStack();
      const options = { server: crowded.server, token: TOKEN, insecure: true } as const;
      for (let count = 0; count < 4; count++) clients.use(await connect(options));
      const client = clients.use(await connect({ ...options, timeoutMs: 1500 }));
      // It would have to wait for as long as it tries the other one.
      assert.ok((await client.ping()).ms < 1200);
      await delay(1600);
      assert.ok((await client.ping()).ms < 1200);
      assert.equal(client.server, crowded.server);
    })
  );
});

Deno.test("A client that a busy server asks to go goes between requests, and none is lost", async () => {
  await withServer((crowded) =>
    withServer(async (idle) => {
      const options = { server: crowded.server, token: TOKEN, insecure: true } as const;
      await using client = await connect(options);
      let over = false;
      let answered = 0;
      const asking = Array.from({ length: 2 }, async () => {
        while (!over) {
          await client.echo({ answered }, new Uint8Array(1000));
          answered++;
          await delay(3); // without, it would be between two requests by luck alone
        }
      });
      await until(() => answered > 50);
      const [session] = crowded.running.sessions;
      assert.ok(session);
      // It is idle now and then, and is asked then.
      await until(() => session.advise(idle.port));
      assert.equal(session.advise(idle.port), false); // once
      await until(() => client.server === idle.server);
      const before = answered;
      await until(() => answered > before + 50);
      over = true;
      await Promise.all(asking);
      await until(() => Array.from(crowded.running.sessions).length === 0);
    })
  );
});

Deno.test("A client that is asked to go where nobody answers stays, and is served", async () => {
  await withServer((crowded) =>
    withSilence(async (port) => {
      await using client = await connect({ server: crowded.server, token: TOKEN, insecure: true });
      const [session] = crowded.running.sessions;
      assert.ok(session);
      await until(() => session.advise(port));
      await delay(700); // it takes 250 ms to begin, and 300 to give up
      assert.ok((await client.ping()).ms > 0);
      assert.equal(client.server, crowded.server);
      assert.equal(session.state, "active");
    })
  );
});

Deno.test("A client that names several ports does not wait for one that does not answer", async () => {
  await withServer((crowded) =>
    withSilence(async (port) => {
      crowded.running.updateSiblings([{ port, sessions: 0, transfers: 0 }]);
      await using clients = new AsyncDisposableStack();
      const server = `${crowded.server},127.0.0.1:${port}`;
      const options = { server, token: TOKEN, insecure: true } as const;
      for (let count = 0; count < 4; count++) {
        clients.use(await connect({ ...options, spread: false }));
      }
      const start = performance.now();
      const client = clients.use(await connect(options));
      const ms = performance.now() - start;
      assert.ok(ms >= 300 && ms < 1500, `${ms}`);
      assert.equal(client.server, crowded.server);
    })
  );
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { makeCertificate } from "../../bench/certificate.ts";
import type { BenchContext } from "../../bench/context.ts";
import { serverSettingArguments } from "../../bench/limit/arguments.ts";
import { firstLine } from "../../bench/limit/first_line.ts";
import { loadArguments, type LoadJob, type LoadOptions, runLoad } from "../../bench/limit/load.ts";
import { type ServerKind, startLoadedServer } from "../../bench/limit/loaded_server.ts";

const OPTIONS: Omit<LoadOptions, "job"> = {
  ...{ ports: [4433, 4434], token: "open sesame", pids: [7], connections: 2, inFlight: 3 },
  ...{ seconds: 0.1, warmUpSeconds: 0.05, threads: "one" },
};

Deno.test("loadArguments() says it all, and leaves out what there is not", () => {
  assert.deepEqual(loadArguments({ ...OPTIONS, job: "requests" }), [
    ...["--port", "4433,4434", "--threads", "one", "--token", "open sesame", "--pid", "7"],
    ...["--connections", "2", "--in-flight", "3", "--seconds", "0.1", "--warm-up", "0.05"],
  ]);
  const without = loadArguments({ ...OPTIONS, job: "requests", token: "", pids: [] });
  assert.ok(!without.includes("--token") && !without.includes("--pid"));
});

Deno.test("serverSettingArguments() has the native server behave as a worker", () => {
  assert.deepEqual(
    serverSettingArguments({ streamRecvWindow: 4096, sendBuffering: false }),
    ["--stream-window", "4096", "--send-buffering", "0"],
  );
  assert.ok(serverSettingArguments().includes("--connection-window"));
});

Deno.test("firstLine() takes what comes in pieces, and not what never comes", async () => {
  const output = (...pieces: string[]) =>
    ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
  assert.equal(await firstLine(output('{"po', 'rt":1}\nmore'), "It"), '{"port":1}');
  await assert.rejects(firstLine(output("half"), "It"), /^Error: It has ended/);
});

const compilerMissing = Deno.build.os !== "linux" || spawnSync("cc", ["--version"]).status !== 0 ||
  spawnSync("cargo", ["--version"]).status !== 0;

for (const kind of ["worker", "limit", "limitOwnThreads"] as const satisfies ServerKind[]) {
  Deno.test({
    name: `runLoad() is understood by the server: ${kind} (needs Linux, cc and Cargo)`,
    ignore: compilerMissing,
    fn: async (t) => {
      const directory = await Deno.makeTempDir({ prefix: "msquicd-load-test-" });
      const { signal } = new AbortController();
      const context: BenchContext = {
        options: {
          ...{ rounds: 1, only: [], sizes: { memory: 1, file: 1, upload: 1 } },
          network: { paths: [], full: false, seconds: 1, rounds: 1 },
        },
        directory,
        certificate: await makeCertificate(directory),
        signal,
        note() {},
        skip() {},
      };
      try {
        await using resources = new AsyncDisposableStack();
        const server = await startLoadedServer(kind, context, resources);
        for (const job of ["upload", "download", "requests", "messages", "handshakes"] as const) {
          await t.step(job, async () => {
            let { seconds } = OPTIONS;
            let report = await runLoad({ ...OPTIONS, ...server, job }, signal);
            // A busy machine may need longer for even one.
            while (amountOf(job, report) === 0 && seconds < 10) {
              seconds *= 5;
              report = await runLoad({ ...OPTIONS, ...server, job, seconds }, signal);
            }
            assert.ok(amountOf(job, report) > 0);
            assert.ok(report.seconds >= seconds && report.p99Us >= report.p50Us);
          });
        }
        if (kind !== "worker") return; // the others let everybody in
        await t.step("another token is refused", async () => {
          const stranger = { ...OPTIONS, ...server, token: "wrong", job: "requests" as const };
          await assert.rejects(runLoad(stranger, signal), /refused|ended a connection/);
        });
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}

function amountOf(job: LoadJob, report: { bytes: number; count: number }): number {
  return job === "upload" || job === "download" ? report.bytes : report.count;
}

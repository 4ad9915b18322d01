/**
 * `deno task bench:serve`: a worker's server with the benchmarks' handlers, to be loaded and profiled by
 * hand. Prints a JSON line with port, token and process; runs until it is interrupted.
 *
 * @module
 */
import { makeCertificate } from "./certificate.ts";
import { msquicd } from "./contestants/msquicd/mod.ts";

const interrupted = Promise.withResolvers<void>();
Deno.addSignalListener("SIGINT", interrupted.resolve);
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", interrupted.resolve);

const directory = await Deno.makeTempDir({ prefix: "msquicd-serve-" });
try {
  const certificate = await makeCertificate(directory);
  await using server = await msquicd.startServer({ ...certificate, root: directory });
  const { port, token } = server;
  console.log(JSON.stringify({ port, token, pid: Deno.pid }));
  await interrupted.promise;
} finally {
  await Deno.remove(directory, { recursive: true });
}
Deno.exit();

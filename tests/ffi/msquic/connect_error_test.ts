import assert from "node:assert/strict";
import { ConnectError, Connection } from "../../../ffi/mod.ts";
import { connectError } from "../../../ffi/msquic/errors.ts";
import { Status } from "../../../ffi/msquic/abi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** What a client says of a server whose certificate it trusts, were it of this time. */
async function refusalOf(validDays: readonly [from: number, to: number]): Promise<string> {
  await using pair = await QuicPair.open({}, { validDays });
  const configuration = pair.clientConfiguration({
    credential: { role: "client", caFile: pair.certificateFile },
  });
  const server = pair.listener.address;
  try {
    await using _ = await Connection.connect(pair.registration, { configuration, server });
    return "";
  } catch (error) {
    assert.ok(error instanceof ConnectError);
    assert.equal(error.code, "bad-certificate");
    return error.message;
  }
}

Deno.test("Connection.connect() thinks of the clock where a certificate is of another time", async () => {
  assert.equal(await refusalOf([-1, 1]), "");
  const old = await refusalOf([-5, -1]);
  assert.match(old, /127\.0\.0\.1:\d+: its certificate has expired, or the clock is wrong here/);
  assert.match(old, TIME);
  const early = await refusalOf([2, 5]);
  assert.match(early, /its certificate is not valid yet, or not at all, or the clock is wrong/);
  assert.match(early, TIME);
});

Deno.test("connectError() names the server, and what may be the reason", () => {
  const messageOf = (status: number) => connectError("nas:4433", status).message;
  const expected = {
    UNREACHABLE: /^Cannot connect to nas:4433: nothing listens there; look at the port/,
    CONNECTION_TIMEOUT: /no answer in time; .*firewall.*UDP.*1,248 bytes/,
    CONNECTION_IDLE: /no answer in time/,
    ALPN_NEG_FAILURE: /a QUIC server is there, but it does not speak this protocol \(ALPN\)/,
    CERT_UNTRUSTED_ROOT: /none of the given authorities has signed it/,
  } as const;
  for (const [name, pattern] of Object.entries(expected)) {
    assert.match(messageOf(Status[name as keyof typeof expected]), pattern);
  }
  if (Deno.build.os === "linux") assert.match(messageOf(Status.INVALID_ADDRESS), /no IPv6 sockets/);
});

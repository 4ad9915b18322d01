import assert from "node:assert/strict";
import { formatLimits } from "../../../cli/files/transfer_text.ts";

const MOVED = {
  name: "a",
  bytes: 1,
  sha256: "",
  ms: 1,
  resumedFrom: 0,
  streams: 1,
  server: "127.0.0.1:1",
};

const NETWORK = {
  rttMs: 50.23,
  minRttMs: 50,
  packetsSent: 1000,
  packetsLost: 12,
  congestionWindow: 1024 * 1024,
  mtu: 1500,
};

Deno.test("formatLimits() says what held a transfer up, and what is known of the path", () => {
  const sent = formatLimits({ ...MOVED, limitedBy: "network", network: NETWORK }, "sent");
  assert.match(sent, /held up by the network \(network\); round trip 50\.2 ms, 50\.0 ms at least/);
  assert.match(sent, /1\.20 % of 1000 lost, congestion window 1\.0 MiB|1 MiB$/);
  const got = formatLimits({ ...MOVED, limitedBy: "peer", network: NETWORK }, "received");
  assert.match(got, /held up by the other side \(peer\)/);
  assert.doesNotMatch(got, /lost|congestion/);
  assert.equal(
    formatLimits({ ...MOVED, limitedBy: "disk" }, "sent"),
    "  held up by the disk here (disk)",
  );
});

import assert from "node:assert/strict";
import { failed, STATUSES, statusName, tlsAlert } from "../../../ffi/msquic/abi/mod.ts";

Deno.test("failed() tells errors from success, PENDING and CONTINUE on every system", () => {
  for (const platform of ["linux", "windows"] as const) {
    const { SUCCESS, PENDING, CONTINUE, ...errors } = STATUSES[platform];
    for (const status of [SUCCESS, PENDING, CONTINUE]) {
      assert.equal(failed(status, platform), false, `${platform} ${status}`);
    }
    for (const [name, status] of Object.entries(errors)) {
      assert.equal(failed(status, platform), true, `${platform} ${name}`);
    }
  }
});

Deno.test("failed() takes a status as signed or unsigned number", () => {
  assert.equal(failed(-2, "linux"), false);
  assert.equal(failed(0x80004004 | 0, "windows"), true);
});

Deno.test("statusName() names known statuses, TLS alerts, and gives the number of others", () => {
  assert.equal(statusName(111, "linux"), "QUIC_STATUS_CONNECTION_REFUSED");
  assert.equal(statusName(0x800704c9, "windows"), "QUIC_STATUS_CONNECTION_REFUSED");
  assert.equal(statusName(0x800704c9 | 0, "windows"), "QUIC_STATUS_CONNECTION_REFUSED");
  assert.equal(statusName(0xbebc300 + 120, "linux"), "QUIC_STATUS_TLS_ALERT(120)");
  assert.equal(statusName(0x80410100 + 120, "windows"), "QUIC_STATUS_TLS_ALERT(120)");
  assert.equal(statusName(77, "linux"), "0x4d");
});

Deno.test("tlsAlert() gives the alert of a TLS status, and undefined for others", () => {
  assert.equal(tlsAlert(STATUSES.linux.BAD_CERTIFICATE, "linux"), 42);
  assert.equal(tlsAlert(STATUSES.windows.BAD_CERTIFICATE, "windows"), 42);
  assert.equal(tlsAlert(STATUSES.linux.CERT_EXPIRED, "linux"), undefined);
  assert.equal(tlsAlert(0, "linux"), undefined);
});

import assert from "node:assert/strict";
import { encodeSettings } from "../../../ffi/msquic/settings.ts";
import { Settings, SettingsBits, SettingsIsSet } from "../../../ffi/msquic/abi/mod.ts";

Deno.test("encodeSettings() sets the fields that are given, and marks just those", () => {
  const struct = encodeSettings({
    idleTimeoutMs: 5_000_000_000,
    peerBidiStreamCount: 7,
    sendBuffering: false,
    congestionControl: "bbr",
    resumption: true,
  });
  assert.equal(struct.getBigUint64(Settings.IdleTimeoutMs, true), 5_000_000_000n);
  assert.equal(struct.getUint16(Settings.PeerBidiStreamCount, true), 7);
  assert.equal(struct.getUint16(Settings.CongestionControlAlgorithm, true), 1);
  const { byte, mask } = SettingsBits.SendBufferingEnabled;
  assert.equal(struct.getUint8(byte) & mask, 0);
  const resumption = SettingsBits.ServerResumptionLevel;
  // QUIC_SERVER_RESUME_ONLY, in two bits from the fifth on.
  assert.equal(struct.getUint8(resumption.byte) & resumption.mask, 0x10);
  const marked = [
    SettingsIsSet.IdleTimeoutMs,
    SettingsIsSet.PeerBidiStreamCount,
    SettingsIsSet.SendBufferingEnabled,
    SettingsIsSet.CongestionControlAlgorithm,
    SettingsIsSet.ServerResumptionLevel,
  ].reduce((bits, bit) => bits | 1n << BigInt(bit), 0n);
  assert.equal(struct.getBigUint64(Settings.IsSetFlags, true), marked);
});

Deno.test("encodeSettings() refuses numbers that do not fit", () => {
  assert.throws(() => encodeSettings({ peerBidiStreamCount: 65_536 }), RangeError);
  assert.throws(() => encodeSettings({ streamRecvWindow: -1 }), RangeError);
  assert.throws(() => encodeSettings({ idleTimeoutMs: 0.5 }), RangeError);
});

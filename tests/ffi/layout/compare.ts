import { cSource, PROBE_SIZE } from "./c_source.ts";
import type { BitCheck, LayoutPlatform, ValueCheck } from "./check.ts";
import { apiTableChecks, callChecks } from "./call_checks.ts";
import { compile } from "./compile.ts";
import { constantChecks, platformChecks } from "./constant_checks.ts";
import { bitChecks, structChecks } from "./struct_checks.ts";
import { windowsChecks } from "./windows_checks.ts";

/** Everything that is compared for a system. */
export function allChecks(
  platform: LayoutPlatform,
): { values: ValueCheck[]; bits: BitCheck[] } {
  const values = [
    ...structChecks(),
    ...constantChecks(),
    ...platformChecks(platform),
    ...apiTableChecks(),
    ...callChecks(),
    ...(platform === "windows" ? windowsChecks() : []),
  ];
  return { values, bits: bitChecks() };
}

/** What the C compiler says otherwise than the tables; one line for each difference. */
export async function differences(
  checks: { values: readonly ValueCheck[]; bits: readonly BitCheck[] },
  compiler: string,
  includeDirectory: string,
): Promise<string[]> {
  const { values, bits } = checks;
  const answers = await compile(compiler, cSource(values, bits), includeDirectory);
  const lines: string[] = [];
  values.forEach(({ label, expected }, index) => {
    const actual = answers.getBigUint64(index * 8, true);
    if (actual !== BigInt.asUintN(64, BigInt(expected))) {
      lines.push(`${label}: ${actual} in C, ${expected} in our table`);
    }
  });
  bits.forEach(({ label, byte, mask }, index) => {
    const start = answers.byteOffset + values.length * 8 + index * PROBE_SIZE;
    const actual = describeBits(new Uint8Array(answers.buffer, start, PROBE_SIZE));
    const expected = `byte ${byte} mask ${mask}`;
    if (actual !== expected) lines.push(`${label}: ${actual} in C, ${expected} in our table`);
  });
  return lines;
}

function describeBits(bytes: Uint8Array): string {
  const set = Array.from(bytes, (mask, byte) => ({ byte, mask })).filter(({ mask }) => mask !== 0);
  return set.map(({ byte, mask }) => `byte ${byte} mask ${mask}`).join(" and ") || "nothing";
}

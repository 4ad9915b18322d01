import {
  INFINITE,
  MAXIMUM_WAIT_OBJECTS,
  WAIT_OBJECT_0,
  WAIT_TIMEOUT,
} from "../../../ffi/libraries/kernel32.ts";
import { JOB_LIMITS, JobConstants } from "../../../ffi/process/process_job_windows.ts";
import {
  PROCESS_INFORMATION,
  STARTUPINFOEX,
} from "../../../ffi/process/process_structs_windows.ts";
import { MSG, WindowMessage, WNDCLASSW } from "../../../ffi/libraries/user32.ts";
import type { ValueCheck } from "./check.ts";

type Table = { readonly size: number } & Readonly<Record<string, number>>;

const TABLES: readonly (readonly [struct: string, table: Table, prefix?: string])[] = [
  ["JOBOBJECT_EXTENDED_LIMIT_INFORMATION", JOB_LIMITS, "BasicLimitInformation."],
  ["PROCESS_INFORMATION", PROCESS_INFORMATION],
  ["WNDCLASSW", WNDCLASSW],
  ["MSG", MSG],
];

const WaitConstants = { INFINITE, MAXIMUM_WAIT_OBJECTS, WAIT_OBJECT_0, WAIT_TIMEOUT };

/** What is used of Windows itself: structures, and constants by name. */
export function windowsChecks(): ValueCheck[] {
  const { size, lpAttributeList, ...startup } = STARTUPINFOEX;
  return [
    ...TABLES.flatMap(([struct, table, prefix]) => checksOf(struct, table, prefix)),
    ...checksOf("STARTUPINFOEXW", { size, lpAttributeList }),
    ...checksOf("STARTUPINFOEXW", { size, ...startup }, "StartupInfo."),
    ...Object.entries({ ...JobConstants, ...WindowMessage, ...WaitConstants }).map((
      [name, expected],
    ) => ({
      label: name,
      expression: name,
      expected,
    })),
  ];
}

function checksOf(struct: string, { size, ...fields }: Table, prefix = ""): ValueCheck[] {
  return [
    { label: `size of ${struct}`, expression: `sizeof(${struct})`, expected: size },
    ...Object.entries(fields).map(([name, expected]) => ({
      label: `offset of ${struct}.${name}`,
      expression: `offsetof(${struct}, ${prefix}${name})`,
      expected,
    })),
  ];
}

import { cpus, release, totalmem, type } from "node:os";
import { Library } from "../ffi/mod.ts";
import { VERSION } from "../version.ts";

/** What the figures were measured on, and with. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  /** Name and version of the kernel. */
  kernel: string;
  architecture: string;
  msquicd: string;
  msquic: string;
  deno: string;
  v8: string;
  /** What quic-go's program is built with, where there is Go. */
  go?: string;
  quicGo: string;
}

/** Describes this machine. */
export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    architecture: Deno.build.arch,
    msquicd: VERSION,
    msquic: await msquicVersion(),
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    ...await goVersion(),
    quicGo: await quicGoVersion(),
  };
}

/** One line for people. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, memoryBytes, kernel, msquicd, msquic, deno, v8, quicGo } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  return `${cpu}, ${cores} cores, ${memory}, ${kernel}; ` +
    `msquicd ${msquicd}, MsQuic ${msquic}, Deno ${deno}, V8 ${v8}, quic-go ${quicGo}`;
}

async function goVersion(): Promise<{ go?: string }> {
  try {
    const { stdout } = await new Deno.Command("go", { args: ["env", "GOVERSION"] }).output();
    return { go: new TextDecoder().decode(stdout).trim() };
  } catch {
    return {}; // who needs it says why
  }
}

async function quicGoVersion(): Promise<string> {
  const text = await Deno.readTextFile(new URL("contestants/quic_go/go.mod", import.meta.url));
  return /quic-go\/quic-go v(\S+)/.exec(text)?.[1] ?? "unknown";
}

async function msquicVersion(): Promise<string> {
  try {
    await using library = Library.open();
    return library.version;
  } catch {
    return "none"; // who needs it says why
  }
}

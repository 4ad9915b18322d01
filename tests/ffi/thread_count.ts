const SNAPSHOT_OF_THREADS = 0x4; // TH32CS_SNAPTHREAD of tlhelp32.h
/** Of THREADENTRY32, in bytes. */
const ENTRY = { size: 28, th32OwnerProcessID: 12 } as const;

/** Threads of this process. */
export function threadCount(): number {
  return Deno.build.os === "windows"
    ? onWindows()
    : [...Deno.readDirSync("/proc/self/task")].length;
}

function onWindows(): number {
  using library = open();
  const { CreateToolhelp32Snapshot, Thread32First, Thread32Next, CloseHandle } = library.symbols;
  const snapshot = CreateToolhelp32Snapshot(SNAPSHOT_OF_THREADS, 0);
  const entry = new Uint32Array(ENTRY.size / 4);
  entry[0] = ENTRY.size;
  let count = 0;
  for (
    let some = Thread32First(snapshot, entry);
    some !== 0;
    some = Thread32Next(snapshot, entry)
  ) {
    if (entry[ENTRY.th32OwnerProcessID / 4] === Deno.pid) count++;
  }
  CloseHandle(snapshot);
  return count;
}

function open() {
  const library = Deno.dlopen("kernel32.dll", {
    CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "pointer" },
    Thread32First: { parameters: ["pointer", "buffer"], result: "i32" },
    Thread32Next: { parameters: ["pointer", "buffer"], result: "i32" },
    CloseHandle: { parameters: ["pointer"], result: "i32" },
  });
  return { symbols: library.symbols, [Symbol.dispose]: () => library.close() };
}

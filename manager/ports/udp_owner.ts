/** A process, as far as it is known. */
export interface PortOwner {
  pid: number;
  /** Name of the program. */
  command: string;
}

const TABLES = ["/proc/net/udp", "/proc/net/udp6"];

/**
 * Who has a UDP port open, on whatever address, according to Linux's /proc; `undefined` elsewhere, and
 * where it is another user's process. For messages only: it may have changed by the time it is read.
 */
export function findUdpOwner(port: number): PortOwner | undefined {
  return findSocketOwner(udpSockets([port]).get(port) ?? new Set());
}

/**
 * The sockets that are open on UDP ports, by their inodes; format: proc_pid_net(5). One read of the
 * system's tables, however many ports there are.
 *
 * @returns An entry for every port that has sockets; none where there is no /proc.
 */
function udpSockets(ports: Iterable<number>): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  if (Deno.build.os !== "linux") return found;
  const wanted = new Set(ports);
  for (const line of TABLES.flatMap((table) => readLines(table).slice(1))) {
    const fields = line.trim().split(/\s+/);
    const port = Number.parseInt(fields[1]?.split(":")[1] ?? "", 16);
    const inode = fields[9];
    if (inode === undefined || !wanted.has(port)) continue;
    found.set(port, (found.get(port) ?? new Set()).add(inode));
  }
  return found;
}

/** Inodes of the sockets that a process has open; `undefined` if it does not let us see. */
function socketsOf(pid: number): Set<string> | undefined {
  try {
    const directory = `/proc/${pid}/fd`;
    const inodes = new Set<string>();
    for (const { name } of Deno.readDirSync(directory)) {
      const inode = inodeOf(`${directory}/${name}`);
      if (inode !== undefined) inodes.add(inode);
    }
    return inodes;
  } catch {
    return undefined;
  }
}

/** The process that has one of these sockets open, if it is one of this user's. */
function findSocketOwner(inodes: ReadonlySet<string>): PortOwner | undefined {
  if (inodes.size === 0) return undefined;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    if (socketsOf(pid)?.isDisjointFrom(inodes) !== false) continue;
    return { pid, command: readLines(`/proc/${pid}/comm`)[0] ?? "" };
  }
  return undefined;
}

/** Of a socket that an entry of /proc/PID/fd stands for; it may have been closed since. */
function inodeOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}

function readLines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n");
  } catch {
    return [];
  }
}

/** A process, as far as it is known. */
export interface PortOwner {
  pid: number;
  /** Name of the program. */
  command: string;
}

/**
 * Who has a UDP port open, on whatever address, according to Linux's /proc; `undefined` elsewhere, and
 * where it is another user's process. For messages only: it may have changed by the time it is read.
 */
export function findUdpOwner(port: number): PortOwner | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const inodes = socketInodes(port);
    return inodes.size === 0 ? undefined : processWithSocket(inodes);
  } catch {
    return undefined;
  }
}

/** Inodes of the sockets with that port; format: proc_pid_net(5). */
function socketInodes(port: number): Set<string> {
  const inodes = new Set<string>();
  for (const table of ["/proc/net/udp", "/proc/net/udp6"]) {
    for (const line of readLines(table).slice(1)) {
      const fields = line.trim().split(/\s+/);
      const hexPort = fields[1]?.split(":")[1];
      const inode = fields[9];
      if (hexPort && inode && Number.parseInt(hexPort, 16) === port) inodes.add(inode);
    }
  }
  return inodes;
}

function processWithSocket(inodes: Set<string>): PortOwner | undefined {
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  for (const { name } of Deno.readDirSync("/proc")) {
    if (/^\d+$/.test(name) && hasOpen(name, links)) {
      return { pid: Number(name), command: readLines(`/proc/${name}/comm`)[0] ?? "" };
    }
  }
  return undefined;
}

function hasOpen(pid: string, links: Set<string>): boolean {
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
      if (links.has(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))) return true;
    }
  } catch {
    // Another user's process, or one that has just ended.
  }
  return false;
}

function readLines(path: string): string[] {
  return Deno.readTextFileSync(path).split("\n");
}

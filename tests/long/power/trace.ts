/** What a process did to files, in the order in which it was done. */
export interface Call {
  /** Place in the order of all calls, when it was made and when it returned. */
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly result: string;
}

/** Of which calls `strace` is to tell. */
export const CALLS = [
  "openat,openat2,creat,mkdir,mkdirat,write,pwrite64,ftruncate,lseek,fsync,fdatasync,fcntl,dup",
  "link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,setxattr,removexattr,chmod,fchmodat",
  "io_submit,io_getevents",
].join(",");

/** Reads what `strace -f -y -xx` has written: calls that succeeded, and `chmod` of what is not there. */
export function readTrace(text: string): Call[] {
  const calls: Call[] = [];
  const unfinished = new Map<string, { head: string; start: number }>();
  let count = 0;
  for (const line of text.split("\n")) {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) continue;
    count++;
    if (rest.endsWith("<unfinished ...>")) {
      unfinished.set(pid, { head: rest.slice(0, -"<unfinished ...>".length), start: count });
      continue;
    }
    const [, tail] = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest) ?? [];
    const { head = "", start = count } = tail === undefined ? {} : unfinished.get(pid) ?? {};
    const call = parseCall(head + (tail ?? rest), start, count);
    if (call !== undefined) calls.push(call);
  }
  return calls;
}

function parseCall(text: string, start: number, end: number): Call | undefined {
  const [, name, args, result] = /^(\w+)\((.*)\) += (.*)$/.exec(text) ?? [];
  if (name === undefined || args === undefined || result === undefined) return undefined;
  if (result.startsWith("-1") && !name.includes("chmod")) return undefined;
  return { start, end, name, args: splitArgs(args), result };
}

/** At commas, but for those in quotes and brackets. */
function splitArgs(text: string): string[] {
  const args: string[] = [];
  let depth = 0;
  let quoted = false;
  let begin = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      // With -xx nothing but \xNN is in there.
      at = text.indexOf('"', at);
      quoted = false;
    } else if (character === '"') quoted = true;
    else if ("{[<(".includes(character)) depth++;
    else if ("}]>)".includes(character)) depth--;
    else if (character === "," && depth === 0) {
      args.push(text.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  args.push(text.slice(begin).trim());
  return args;
}

/** The bytes of a quoted argument. */
export function bytesOf(arg: string): Uint8Array<ArrayBuffer> {
  const hex = arg.slice(arg.indexOf('"') + 1, arg.lastIndexOf('"')).replaceAll("\\x", "");
  return Uint8Array.fromHex(hex);
}

export function textOf(arg: string): string {
  return new TextDecoder().decode(bytesOf(arg));
}

/** Of an argument or result like `12</path>`: the number and, where there is one, the path. */
export function descriptorOf(arg: string): { fd: number; path: string | undefined } {
  const [, fd = "-1", path] = /^(-?\w+)(?:<(.*)>)?/.exec(arg) ?? [];
  const decoded = path?.startsWith("\\x") ? textOf(`"${path}"`) : path;
  return { fd: Number(fd), path: decoded };
}

/** Where Linux tells what is mounted where: proc_pid_mountinfo(5). */
const MOUNTS = "/proc/self/mountinfo";

/** Whether a file lies on a file system that is mounted so that no code can be loaded from it. */
export function isOnNoexec(path: string): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return mountOptions(Deno.realPathSync(path), Deno.readTextFileSync(MOUNTS)).includes("noexec");
  } catch {
    return false; // nobody tells
  }
}

/**
 * The options of the mount that a path lies in.
 *
 * @param path Absolute, with no link in it.
 * @param table What Linux tells.
 */
export function mountOptions(path: string, table: string): string[] {
  let found = { point: "", options: "" };
  for (const line of table.split("\n")) {
    const [, , , , mountPoint = "", options = ""] = line.split(" ");
    const point = unescapeOctal(mountPoint);
    const inside = point === "/" || path === point || path.startsWith(`${point}/`);
    // Of two at one place the later one lies above the other.
    if (inside && point.length >= found.point.length) found = { point, options };
  }
  return found.options.split(",");
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

let known: { id: string | undefined } | undefined;

/**
 * What tells this run of the system from the one before it was started again, 32 hexadecimal digits; `undefined`
 * where the system does not tell.
 */
export function bootId(): string | undefined {
  return (known ??= { id: readBootId() }).id;
}

function readBootId(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const id = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").replaceAll("-", "").trim();
    return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
  } catch {
    return undefined; // no /proc, or a sandbox
  }
}

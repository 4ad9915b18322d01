import { homedir, tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** What {@linkcode unpackDirectories} knows of the machine. */
export interface UnpackProbes {
  readonly os: typeof Deno.build.os;
  readonly uid: number | null;
  readonly home: string | null;
  readonly temporary: string;
  /** Value of an environment variable. */
  env(name: string): string | undefined;
}

/**
 * Where to unpack, the preferred place first: `MSQUICD_STATE_DIR` alone if it is set, else the user's
 * folder for caches, or one of the user's own among the temporary files where that cannot be had.
 */
export function unpackDirectories(probes: UnpackProbes = machineProbes()): string[] {
  const { os, uid, home, temporary, env } = probes;
  const chosen = env("MSQUICD_STATE_DIR");
  if (chosen) return [join(resolve(chosen), ".library")];
  if (os === "windows") {
    const local = env("LOCALAPPDATA") || (home && join(home, "AppData", "Local"));
    return [local, temporary].flatMap((base) => base ? [join(base, "msquicd", ".library")] : []);
  }
  const xdg = env("XDG_CACHE_HOME");
  // The XDG Base Directory Specification wants a relative path ignored.
  const cache = xdg && isAbsolute(xdg) ? xdg : home && join(home, ".cache");
  return [...cache ? [join(cache, "msquicd")] : [], join(temporary, `msquicd-${uid}`)];
}

function machineProbes(): UnpackProbes {
  return {
    os: Deno.build.os,
    uid: Deno.uid(),
    home: homedir(),
    temporary: tmpdir(),
    env: (name) => Deno.env.get(name),
  };
}

/** What a program needs to find its way, to be understood by people, and to put temporary files somewhere. */
const POSIX = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"];

/** Without the first of these, much on Windows does not start. */
const WINDOWS = [
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ComSpec",
  "PATH",
  "PATHEXT",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERPROFILE",
  "HOMEDRIVE",
  "HOMEPATH",
  "APPDATA",
  "LOCALAPPDATA",
  "ProgramData",
  "ProgramFiles",
  "NUMBER_OF_PROCESSORS",
  "PROCESSOR_ARCHITECTURE",
];

/**
 * The environment that actions run in: what is named here of this process's own, and nothing else. So
 * whatever secrets are in it stay here.
 */
export function actionEnvironment(): Record<string, string> {
  const names = Deno.build.os === "windows" ? WINDOWS : [...POSIX, ...localeNames()];
  const found = names.map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The directory that actions run in where none is configured: never one that clients can write to. */
export function actionDirectory(): string {
  if (Deno.build.os !== "windows") return "/";
  return Deno.env.get("SystemRoot") ?? "C:\\";
}

function localeNames(): string[] {
  return Object.keys(Deno.env.toObject()).filter((name) => /^LC_[A-Z]+$/.test(name));
}

/** A program that building libmsquic needs. */
export interface Tool {
  readonly name: string;
  /** Command lines of which one must succeed. */
  readonly probes: readonly (readonly [string, ...string[]])[];
  /** The lowest version that will do, compared with the first one in the probe's output. */
  readonly minimum?: readonly [major: number, minor: number];
  /** The package that brings it. */
  readonly packages: Readonly<Record<PackageManager, string>>;
}

/** How packages are installed on a system. */
export type PackageManager = keyof typeof INSTALL_COMMANDS;

/** What became of a probe: whether the command succeeded, and what it printed. */
export interface ProbeResult {
  readonly success: boolean;
  readonly output: string;
}

/** A tool that is missing, or that is there but too old. */
export interface MissingTool {
  readonly tool: Tool;
  readonly found?: string;
}

const INSTALL_COMMANDS = {
  debian: ["Debian, Ubuntu", "apt install"],
  fedora: ["Fedora", "dnf install"],
  arch: ["Arch", "pacman -S"],
  windows: ["Windows", "winget install"],
} as const;

const POSIX_MANAGERS: readonly PackageManager[] = ["debian", "fedora", "arch"];

const CARGO: Tool = {
  name: "cargo",
  probes: [["cargo", "--version"]],
  minimum: [1, 82],
  packages: { debian: "cargo", fedora: "cargo", arch: "rust", windows: "Rustlang.Rustup" },
};

const CMAKE: Tool = {
  name: "cmake",
  probes: [["cmake", "--version"]],
  packages: { debian: "cmake", fedora: "cmake", arch: "cmake", windows: "Kitware.CMake" },
};

// Configuring OpenSSL takes modules that the smallest Perl of a distribution does not have.
const PERL: Tool = {
  name: "perl",
  probes: [["perl", "-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-e", "1"]],
  packages: {
    debian: "perl",
    fedora: "perl",
    arch: "perl",
    windows: "StrawberryPerl.StrawberryPerl",
  },
};

const MAKE: Tool = {
  name: "make",
  probes: [["make", "--version"], ["gmake", "--version"]],
  packages: { debian: "make", fedora: "make", arch: "make", windows: "" },
};

const C_COMPILER: Tool = {
  name: "a C compiler (cc)",
  probes: [["cc", "--version"], ["gcc", "--version"], ["clang", "--version"]],
  packages: { debian: "gcc", fedora: "gcc", arch: "gcc", windows: "" },
};

// MsQuic is written in C, but its CMake project asks for both compilers.
const CXX_COMPILER: Tool = {
  name: "a C++ compiler (c++)",
  probes: [["c++", "--version"], ["g++", "--version"], ["clang++", "--version"]],
  packages: { debian: "g++", fedora: "gcc-c++", arch: "gcc", windows: "" },
};

/** The tools for building on `os`. On Windows the compiler is not on the PATH: Cargo looks for it. */
export function requiredTools(os: typeof Deno.build.os = Deno.build.os): readonly Tool[] {
  return os === "windows"
    ? [CARGO, CMAKE, PERL]
    : [CARGO, CMAKE, PERL, MAKE, C_COMPILER, CXX_COMPILER];
}

/** Those of `tools` that are missing or too old. */
export function missingTools(
  tools: readonly Tool[],
  probe: (command: readonly [string, ...string[]]) => ProbeResult = runProbe,
): MissingTool[] {
  return tools.flatMap((tool) => {
    const found = tool.probes.map(probe).find(({ success }) => success);
    if (found === undefined) return [{ tool }];
    if (tool.minimum === undefined) return [];
    const version = found.output.match(/(\d+)\.(\d+)[.\d]*/);
    const [major, minor] = tool.minimum;
    const newEnough = version !== null &&
      (Number(version[1]) > major || (Number(version[1]) === major && Number(version[2]) >= minor));
    return newEnough ? [] : [{ tool, found: version?.[0] ?? "of an unknown version" }];
  });
}

/** Says what is missing and which packages bring it, in several lines. */
export function describeMissing(
  missing: readonly MissingTool[],
  os: typeof Deno.build.os = Deno.build.os,
): string {
  const managers = os === "windows" ? ["windows"] as const : POSIX_MANAGERS;
  const lines = missing.map(({ tool, found }) => {
    const wanted = tool.minimum ? ` ${tool.minimum.join(".")} or newer` : "";
    return found === undefined
      ? `  missing: ${tool.name}${wanted}`
      : `  too old: ${tool.name} ${found}; ${tool.name}${wanted} is needed`;
  });
  const installs = managers.map((manager) => {
    const [system, command] = INSTALL_COMMANDS[manager];
    const packages = new Set(missing.map(({ tool }) => tool.packages[manager]));
    return `  ${system}: ${command} ${[...packages].join(" ")}`;
  });
  const rust = missing.some(({ tool }) => tool === CARGO)
    ? ["  A Cargo that is new enough for any system: https://rustup.rs"]
    : [];
  return ["Cannot build libmsquic without these tools:", ...lines, ...installs, ...rust].join("\n");
}

function runProbe([program, ...args]: readonly [string, ...string[]]): ProbeResult {
  try {
    const command = new Deno.Command(program, { args, stdin: "null", stderr: "null" });
    const { success, stdout } = command.outputSync();
    return { success, output: new TextDecoder().decode(stdout) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, output: "" };
  }
}

import { getLogger } from "@logtape/logtape";
import { isPort } from "../../base/mod.ts";
import { readPrivateFile, setAside, writePrivateFile } from "../state/private_files.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A port for one worker, and the one that was planned for it; 0 if any was. */
export interface PortAssignment {
  wanted: number;
  got: number;
}

/** How many assignments, and how many reservations, are remembered. */
export const MAX_REMEMBERED = 256;

/** What is in the file. */
interface Content {
  assigned: PortAssignment[];
  reserved: number[];
}

/** What an instance remembers of its ports from one manager to the next: its file `ports.json`. */
export class PortMemory {
  readonly #path: string;
  #assigned: readonly PortAssignment[];
  #reserved: readonly number[];
  #written: string;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, { assigned, reserved }: Content) {
    this.#path = path;
    this.#assigned = assigned;
    this.#reserved = reserved;
    this.#written = this.#text;
  }

  /**
   * Reads the file. One that makes no sense is set aside, with a warning, and is as good as none.
   *
   * @throws {NotPrivateError | StateError} If others can get at it, or it cannot be read.
   */
  static async open(path: string): Promise<PortMemory> {
    const text = await readPrivateFile(path);
    const content = text === undefined ? undefined : parseContent(text);
    if (text !== undefined && content === undefined) {
      const message = "Cannot understand {path}, which is now {aside}; " +
        "ports are chosen anew, and none is reserved";
      logger.warning(message, { path, aside: await setAside(path) });
    }
    return new PortMemory(path, content ?? { assigned: [], reserved: [] });
  }

  /** Ports that are kept for later, in ascending order. */
  get reserved(): readonly number[] {
    return this.#reserved;
  }

  /** What was got for each of these the last time, if anything was. */
  recall(wanted: readonly number[]): (number | undefined)[] {
    const left = [...this.#assigned];
    return wanted.map((port) => {
      const index = left.findIndex((assignment) => assignment.wanted === port);
      return index < 0 ? undefined : left.splice(index, 1)[0]?.got;
    });
  }

  /** Remembers what was got for a plan; what other plans have got is not forgotten. */
  async remember(assigned: readonly PortAssignment[]): Promise<void> {
    const older = [...this.#assigned];
    for (const { wanted } of assigned) {
      const index = older.findIndex((assignment) => assignment.wanted === wanted);
      if (index >= 0) older.splice(index, 1);
    }
    const got = new Set(assigned.map((assignment) => assignment.got));
    const rest = older.filter((assignment) => !got.has(assignment.got));
    this.#assigned = [...assigned, ...rest].slice(0, MAX_REMEMBERED);
    await this.#save();
  }

  /** Remembers which ports are reserved. */
  async reserve(ports: Iterable<number>): Promise<void> {
    const before = this.#reserved;
    const reserved = this.#reserved = [...new Set(ports)].sort((a, b) => a - b);
    try {
      await this.#save();
    } catch (error) {
      // Not to be on disk with the next change after all, which nobody would know of.
      if (this.#reserved === reserved) this.#reserved = before;
      throw error;
    }
  }

  get #text(): string {
    const content = { version: 1, assigned: this.#assigned, reserved: this.#reserved };
    return `${JSON.stringify(content)}\n`;
  }

  async #save(): Promise<void> {
    const write = async () => {
      const text = this.#text;
      if (text === this.#written) return;
      await writePrivateFile(this.#path, text);
      this.#written = text;
    };
    const writing = this.#writing.then(write);
    this.#writing = writing.catch(() => {});
    await writing;
  }
}

function parseContent(text: string): Content | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || value.version !== 1) return undefined;
    const { assigned, reserved } = value;
    if (!isListOf(assigned, isAssignment) || !isListOf(reserved, isPort)) return undefined;
    const got = assigned.map((assignment) => assignment.got);
    if (hasTwins(got) || hasTwins(reserved)) return undefined;
    return { assigned: assigned.map(({ wanted, got }) => ({ wanted, got })), reserved };
  } catch {
    return undefined;
  }
}

function isListOf<Item>(value: unknown, is: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.length <= MAX_REMEMBERED && value.every(is);
}

function isAssignment(value: unknown): value is PortAssignment {
  return isObject(value) && isPort(value.got) && (value.wanted === 0 || isPort(value.wanted));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasTwins(ports: readonly number[]): boolean {
  return new Set(ports).size < ports.length;
}

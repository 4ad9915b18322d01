import { join } from "node:path";
import type { ClientProcessSetup, RoundQuestion } from "./client_process.ts";
import type { BenchContext, Row } from "./context.ts";
import { type ContestantName, CONTESTANTS } from "./contestants/mod.ts";
import { type JobName, SOURCE_NAME } from "./jobs.ts";
import type { Entry, Line } from "./line.ts";
import { Peer } from "./peer.ts";
import type { ServerProcessSetup, ServerReady } from "./server_process.ts";
import { sourceFile } from "./source_file.ts";
import { formatNumber } from "./table.ts";

/** A job that the contestants do in turn. */
export interface Contest {
  job: JobName;
  title: string;
  unit: string;
  better: "more" | "less";
  /** Whether it moves bytes in memory or in files. */
  moves?: "memory" | "file";
}

/** How many rounds are done in one to warm up, before those that count: what V8 needs to get fast. */
const WARM_UP_ROUNDS = 2;

const SERVER_PROCESS = new URL("./server_process.ts", import.meta.url);
const CLIENT_PROCESS = new URL("./client_process.ts", import.meta.url);

/** A row of contestants who do a job in turn, so that what else the machine does hits all of them. */
export function contest(options: Contest): Row {
  const { job: name, title, unit, better } = options;
  return {
    name,
    byDefault: true,
    async run(context) {
      await using resources = new AsyncDisposableStack();
      const sides: Side[] = [];
      for (const who of Object.keys(CONTESTANTS) as ContestantName[]) {
        const side = new Side(who, options, context);
        sides.push(side);
        resources.use(side);
        await side.open();
      }
      await takeTurns(sides, context);
      const entries = sides.map(({ entry }) => entry);
      const line: Line = { name, title, unit, better, entries };
      return [line];
    },
  };
}

async function takeTurns(sides: Side[], { options, note }: BenchContext): Promise<void> {
  for (let round = 0; round <= options.rounds; round++) {
    const order = round % 2 === 0 ? sides : sides.toReversed();
    for (const side of order) await side.round(round === 0);
    if (round === 0) continue;
    const values = sides.map(({ entry: { who, rounds } }) =>
      `${who} ${rounds.length === round ? formatNumber(rounds.at(-1)!) : "–"}`
    );
    note(`  round ${round}: ${values.join(", ")}`);
  }
}

/** One contestant in a contest: its server, its client, and its figures. */
class Side implements AsyncDisposable {
  readonly #name: ContestantName;
  readonly #contest: Contest;
  readonly #context: BenchContext;
  readonly #resources = new AsyncDisposableStack();
  #client: Peer | undefined;
  readonly entry: Entry;

  constructor(name: ContestantName, contest: Contest, context: BenchContext) {
    this.#name = name;
    this.#contest = contest;
    this.#context = context;
    this.entry = { who: CONTESTANTS[name], rounds: [] };
  }

  /** Starts server and client; if that fails, the contest goes on without this side. */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Does a round, if there has been no failure so far. */
  async round(warmUp: boolean): Promise<void> {
    if (this.#client === undefined) return;
    const question: RoundQuestion = { rounds: warmUp ? WARM_UP_ROUNDS : 1 };
    try {
      const value = Number(await this.#client.ask(question));
      if (!warmUp) this.entry.rounds.push(value);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  async #open(): Promise<void> {
    const { directory, certificate, signal, options } = this.#context;
    const { job, moves = "memory" } = this.#contest;
    const bytes = options.sizes[moves];
    const scratch = await Deno.makeTempDir({ dir: directory });
    this.#resources.defer(() => Deno.remove(scratch, { recursive: true }));
    const root = join(scratch, "root");
    await Deno.mkdir(root);
    const source = moves === "file" ? await sourceFile(directory, bytes) : "";
    if (job === "get") await Deno.link(source, join(root, SOURCE_NAME));
    const serverSetup: ServerProcessSetup = { contestant: this.#name, ...certificate, root };
    const server = this.#resources.use(await Peer.start(SERVER_PROCESS, serverSetup, signal));
    const clientSetup: ClientProcessSetup = {
      ...{ contestant: this.#name, job, bytes, source, root, scratch },
      target: { ...certificate, ...server.ready as ServerReady },
    };
    this.#client = this.#resources.use(await Peer.start(CLIENT_PROCESS, clientSetup, signal));
  }

  #giveUp(error: unknown): void {
    this.#context.signal.throwIfAborted();
    this.#client = undefined;
    this.entry.rounds.length = 0;
    this.#context.skip(`${CONTESTANTS[this.#name]} in ${this.#contest.job}`, error);
  }
}

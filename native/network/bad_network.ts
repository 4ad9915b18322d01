import { CodedError } from "../../base/mod.ts";
import { readLines } from "../../base/lines.ts";
import { buildNetwork } from "./build.ts";

/** Thrown when the bad network does not do what it is told; the message says why. */
export class NetworkError extends CodedError {
  readonly code = "network-failed";
}

/** What a path does to datagrams. Shares are in percent, from 0 to 100; what is left out does not happen. */
export interface Impairments {
  /** How long each datagram takes, in milliseconds. */
  delayMs?: number;
  /** By how much the delay grows, and shrinks again, in milliseconds. */
  jitterMs?: number;
  /** How many are lost, at random. */
  loss?: number;
  /** Bursts of loss (Gilbert-Elliott): how likely a datagram begins one and ends it, and the loss in it (100). */
  burst?: { begin: number; end: number; loss?: number };
  /** Mbit/s, IP and UDP headers included; 0 for no limit. */
  rateMbit?: number;
  /** How long datagrams may have to wait for those before them, in milliseconds (100); others are dropped. */
  queueMs?: number;
  /** How many come `reorderByMs` (3) later than others that were sent after them. */
  reorder?: number;
  reorderByMs?: number;
  /** How many come twice. */
  duplicate?: number;
  /** How many have a wrong bit. */
  corrupt?: number;
  /** The largest IP packet, in bytes: 28 more than its datagram; larger ones are dropped. */
  mtu?: number;
}

/** What a network is between, and what it does in both directions or in one. */
export interface NetworkOptions extends Impairments {
  /** Ports of servers on 127.0.0.1; each gets one of the network's in its place. */
  targets: readonly number[];
  /** The round trip in milliseconds, half of it in each direction; stands for `delayMs`. */
  rttMs?: number;
  /** To the servers alone. */
  up?: Impairments;
  /** To the clients alone. */
  down?: Impairments;
  /** The same seed has the same datagrams lost; 1 by default. */
  seed?: number;
  /** Runs it with a command in front, such as `chrt -r 5`. */
  prefix?: readonly string[];
}

/** What became of the datagrams of a direction. */
export interface DirectionFigures {
  received: number;
  receivedBytes: number;
  sent: number;
  sentBytes: number;
  lost: number;
  /** Dropped since too many waited. */
  queueDropped: number;
  tooLarge: number;
  outageDropped: number;
  /** Dropped since the network's own memory was full. */
  noRoom: number;
  /** Not taken by the system; so it is where a server's port is closed. */
  unsent: number;
  reordered: number;
  duplicated: number;
  corrupted: number;
  /** How long datagrams had to wait for those before them. */
  queueMs: { mean: number; max: number };
  /** How much later they went than they should: what the relay costs. */
  lateMs: { mean: number; max: number };
}

/** What became of the datagrams. */
export interface NetworkFigures {
  up: DirectionFigures;
  down: DirectionFigures;
  /** Addresses that datagrams have come from. */
  clients: number;
  /** Datagrams that the system had no room for before the network could look at them. */
  missed: number;
  /** Processor time of the relay. */
  processorMs: number;
}

type Flags = Record<keyof Impairments, string>;

const FLAGS: Flags = {
  delayMs: "delay",
  jitterMs: "jitter",
  loss: "loss",
  burst: "burst",
  rateMbit: "rate",
  queueMs: "queue",
  reorder: "reorder",
  reorderByMs: "reorder-by",
  duplicate: "duplicate",
  corrupt: "corrupt",
  mtu: "mtu",
};

const MAX_LINE_BYTES = 4096;

/**
 * A bad network: a relay between clients and servers on 127.0.0.1, as a process of its own. Disposing of it
 * ends it. Linux alone.
 *
 * @example
 * ```ts ignore
 * await using network = await BadNetwork.start({ targets: [4433], rttMs: 50, loss: 1 });
 * await using client = await connect({ server: `127.0.0.1:${network.port}`, token });
 * ```
 */
export class BadNetwork implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncGenerator<string>;
  #last: Promise<unknown> = Promise.resolve();
  /** Where clients send to, in the order of the targets. */
  readonly ports: readonly number[];

  private constructor(
    child: Deno.ChildProcess,
    answers: AsyncGenerator<string>,
    ports: readonly number[],
  ) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#answers = answers;
    this.ports = ports;
  }

  /**
   * Starts it, and builds its program if need be.
   *
   * @throws {ProgramBuildError} It cannot be built here.
   * @throws {NetworkError} It does not take the options; what it says is on standard error.
   */
  static async start(options: NetworkOptions): Promise<BadNetwork> {
    const program = await buildNetwork();
    const [command, ...args] = [...options.prefix ?? [], program, ...networkArguments(options)];
    const child = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped" }).spawn();
    const answers = readLines(child.stdout, { maxBytes: MAX_LINE_BYTES });
    const { value, done } = await answers.next();
    if (done) {
      await child.stdin.close().catch(() => {}); // it has ended already
      await child.status;
      throw new NetworkError("Cannot start the bad network; what it says is above");
    }
    return new BadNetwork(child, answers, JSON.parse(value).ports);
  }

  /** Where clients of the first target send to. */
  get port(): number {
    return this.ports[0]!;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Nothing passes for so many seconds from now, in both directions; 0 ends that. */
  async outage(seconds: number): Promise<void> {
    await this.#tell(`outage ${seconds}`);
  }

  /** Gives each client another address towards the server, as a NAT does. */
  async rebind(): Promise<void> {
    await this.#tell("rebind");
  }

  /** Changes what happens from now on: in both directions, or in one. */
  async change(impairments: Impairments, direction?: "up" | "down"): Promise<void> {
    const prefix = direction === undefined ? "" : `${direction}-`;
    for (const [name, value] of impairmentWords(impairments)) {
      await this.#tell(`${prefix}${name} ${value}`);
    }
  }

  /** What became of the datagrams since the start, or since the last `reset`. */
  async figures(): Promise<NetworkFigures> {
    return await this.#tell("figures") as NetworkFigures;
  }

  /** Counts anew. */
  async reset(): Promise<void> {
    await this.#tell("reset");
  }

  /** Says a line, and takes the answer; one after another. */
  #tell(line: string): Promise<unknown> {
    const answer = this.#last.then(async () => {
      await this.#input.write(new TextEncoder().encode(`${line}\n`));
      const { value, done } = await this.#answers.next();
      if (done) throw new NetworkError(`Cannot have the bad network do "${line}": it has ended`);
      const told = JSON.parse(value);
      if (told.error) {
        throw new NetworkError(`Cannot have the bad network do "${line}": ${told.error}`);
      }
      return told;
    });
    this.#last = answer.catch(() => {}); // is the caller's
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#input.close().catch(() => {}); // it has ended already
    for await (const _ of this.#answers) { /* the figures at the end */ }
    await this.#child.status;
  }
}

/** Options of the program. */
function networkArguments({ targets, rttMs, seed, up, down, ...both }: NetworkOptions): string[] {
  const delay = rttMs === undefined ? {} : { delayMs: rttMs / 2 };
  return [
    ...["--target", targets.join(",")],
    ...(seed === undefined ? [] : ["--seed", `${seed}`]),
    ...flagsOf("--", { ...both, ...delay }),
    ...flagsOf("--up-", up ?? {}),
    ...flagsOf("--down-", down ?? {}),
  ];
}

function flagsOf(prefix: string, impairments: Impairments): string[] {
  return impairmentWords(impairments).flatMap(([name, value]) => [`${prefix}${name}`, value]);
}

/** Each that is said, by its name in the program and its value there. */
function impairmentWords(impairments: Impairments): [name: string, value: string][] {
  return (Object.keys(FLAGS) as (keyof Impairments)[]).flatMap((key) => {
    const value = impairments[key];
    if (value === undefined) return [];
    return [[FLAGS[key], typeof value === "number" ? numberWord(key, value) : burstWord(value)]];
  });
}

function numberWord(key: keyof Impairments, value: number): string {
  return key === "rateMbit" ? `${value}M` : `${value}`;
}

function burstWord({ begin, end, loss = 100 }: NonNullable<Impairments["burst"]>): string {
  return `${begin},${end},${loss}`;
}

import { identityOf } from "../../ffi/process/process.ts";
import { type FamilyMember, ManagerEnd, segmentName, type WorkerConfig } from "../../ipc/mod.ts";
import { AdoptedProcess } from "../process/adopted_process.ts";
import type { LeftWorker } from "../takeover/left_workers.ts";
import type { EventExchange } from "./event_exchange.ts";
import type { LifeDeadlines } from "./life_watch.ts";
import type { SegmentLedger } from "../state/segment_ledger.ts";
import type { SelfCommand } from "../process/self_command.ts";
import type { RateBoard } from "./rate_board.ts";
import type { TokenBoard } from "./token_board.ts";
import { WorkerLife } from "./worker_life.ts";
import { WorkerProcess } from "../process/worker_process.ts";

/** What it takes to have a worker. */
export interface SpawnLifeOptions {
  command: SelfCommand;
  /** Whether it is to serve, or to show that it would come up; the first by default. */
  purpose?: "life" | "rehearsal";
  /**
   * Sees to it that the worker finds what it needs, and says what of it is elsewhere by now; rejects with
   * why it would not find it.
   */
  prepare?: (purpose: "life" | "rehearsal") => Promise<Partial<WorkerConfig>>;
  config: WorkerConfig;
  /** Counts the lives of one worker. */
  generation: number;
  /** Holds the port until the worker is about to bind it. */
  ports: { letGo(port: number): void | Promise<void> };
  segments: SegmentLedger;
  deadlines: LifeDeadlines;
  /** Hands on what happens at one worker to others. */
  events: EventExchange;
  /** Which processes the instance has, for workers that ask. */
  family: () => Promise<FamilyMember[]>;
  /** Which tokens are good. */
  tokens: TokenBoard;
  /** How fast clients may be. */
  rates: RateBoard;
}

/**
 * Starts a process for a worker, and with it a life of it. What of it a next manager would have to know
 * is on disk before.
 *
 * @throws {Error} If there is no shared memory to be had, or the process cannot be started; or what
 * `prepare` rejects with.
 */
export async function spawnLife(options: SpawnLifeOptions): Promise<WorkerLife> {
  const { command, generation, ports, segments, deadlines, events, family, tokens, rates } =
    options;
  const { purpose = "life" } = options;
  const config = { ...options.config, ...await options.prepare?.(purpose) };
  const { instance, port } = config;
  const keep = config.onManagerLoss?.keep ?? false;
  const name = segmentName(instance, port);
  // Noted before it is there: whoever is killed in between leaves nothing that nobody knows of.
  await segments.add(name);
  try {
    using undo = new DisposableStack();
    const segment = undo.use(ManagerEnd.create({ instance, port, generation, name, keep }));
    segment.serve({
      async "let-go-of-port"() {
        await ports.letGo(port);
        return {};
      },
      processes: async () => ({ processes: await family() }),
    });
    const process = new WorkerProcess(command, name, { outlives: keep });
    undo.defer(() => process.kill("SIGKILL"));
    const worker = identityOf(process.pid);
    if (worker !== undefined) void segments.add(name, worker);
    const life = new WorkerLife({
      process,
      segment,
      config,
      segments,
      deadlines,
      events,
      tokens,
      rates,
    });
    undo.move();
    return life;
  } catch (error) {
    segments.remove(name);
    throw error;
  }
}

/** The life of a worker that another manager has started, from where it is. */
export function adoptLife(
  { segment, process, identity }: LeftWorker,
  options: Pick<
    SpawnLifeOptions,
    "config" | "segments" | "deadlines" | "events" | "family" | "tokens" | "rates"
  >,
): WorkerLife {
  segment.serve({ processes: async () => ({ processes: await options.family() }) });
  const logFile = options.config.onManagerLoss?.logFile ?? "";
  const adopted = new AdoptedProcess(process, logFile);
  const letGo = () => adopted.letGo();
  return new WorkerLife({ ...options, segment, process: adopted, adopted: identity, letGo });
}

import { getLogger } from "@logtape/logtape";
import { MAX_STREAMS } from "../base/max_streams.ts";
import { checkWhole } from "../base/mod.ts";
import { ConnectError } from "../ffi/mod.ts";
import { RemoteError } from "../protocol/mod.ts";
import { Chunks, type ChunkWork, hasChunks } from "../transfer/mod.ts";
import type { StreamOpener } from "./exchange.ts";
import { isOfStream } from "./of_stream.ts";
import type { Request } from "./roaming.ts";
import type { SideLinks } from "./side_links.ts";
import { isUnreachable } from "./unreached.ts";

const logger = getLogger(["msquicd", "client"]);

/** What a file that goes over several connections needs of its client. */
export interface StripeServices {
  /**
   * Runs a request on the connection that requests go to, again where it is lost with it.
   *
   * @param progress As in `RunOptions`.
   */
  run<Result>(request: Request<Result>, progress?: () => number): Promise<Result>;
  /** The connections beside that one. */
  beside(): SideLinks;
}

/** Is thrown where a server knows nothing of chunks, or takes this file as a whole only: no error, but a way less. */
export class WholeOnly {}

/** @throws {InvalidOptionError} There may not be so many. */
export function checkStreams(action: string, streams: number | undefined): void {
  checkWhole(action, "streams", streams, 1, MAX_STREAMS);
}

/**
 * Over how many connections a file goes.
 *
 * @param asked How many the caller wants.
 */
export function streamsFor(size: number, asked: number | undefined): number {
  return hasChunks(size) ? Math.min(asked ?? 1, new Chunks(size).count) : 1;
}

/**
 * Whether an error costs the connection beside that it was met on, and no more: the others go on. What ends
 * them all, if it does, is met on the first one as well.
 */
export function isOfLane(error: unknown): boolean {
  if (error instanceof RemoteError) return error.code !== "transfer-cancelled";
  return error instanceof ConnectError || isOfStream(error) || isUnreachable(error);
}

/**
 * Moves chunks on a connection; resolves when there is nothing more to do.
 *
 * @param number Of the connection, from 0 up.
 */
export type Lane = (run: LaneRun, number: number) => Promise<void>;

/** Runs a request on the connection of a lane. */
export type LaneRun = <Result>(
  request: (opener: StreamOpener) => Promise<Result>,
) => Promise<Result>;

/**
 * Moves a file over several connections: the first is the one that requests go to, whose failure is everybody's;
 * one beside it that fails too often is done without.
 *
 * @param first Runs requests on the first one.
 * @param lane Is run on each, and again where it failed there.
 */
export async function overLanes(
  first: LaneRun,
  side: SideLinks,
  count: number,
  work: ChunkWork,
  lane: Lane,
): Promise<void> {
  const lanes = [lane(first, 0)];
  for (let number = 1; number < count; number++) lanes.push(runBeside(side, number, lane));
  const ended = lanes.map((one) => one.catch((error) => work.fail(error)));
  await Promise.all(ended);
}

/** How often a connection beside may fail without having been of use in between. */
const MAX_FAILURES = 3;

async function runBeside(side: SideLinks, number: number, lane: Lane): Promise<void> {
  for (let failures = 0; failures < MAX_FAILURES;) {
    try {
      return await lane(async (request) => {
        const result = await side.run(number, request);
        failures = 0;
        return result;
      }, number);
    } catch (error) {
      if (!isOfLane(error)) throw error;
      failures++;
      logger.debug("A connection beside has failed: {error}", { error });
    }
  }
}

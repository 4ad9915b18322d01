import { getLogger } from "@logtape/logtape";
import { delay, orAborted } from "../base/mod.ts";
import { type Address, type ConnectionEnd, ConnectionEndedError } from "../ffi/mod.ts";
import {
  finalLoss,
  inVain,
  isFinal,
  isLoss,
  isRefusal,
  lossOf,
  wasDismissed,
  wasUnheard,
} from "./connection_loss.ts";
import { RequestGivenUpError, RequestLostError, SessionEndedError } from "./errors.ts";
import { attemptLimit, Route } from "./failover.ts";
import { follow } from "./follow.ts";
import type { Link, LinkUse } from "./link.ts";
import { Patience, type PatienceOptions } from "./patience.ts";
import { RequestLosses } from "./request_losses.ts";
import { isUnreachable, retryAfterMs, toError } from "./unreached.ts";

const logger = getLogger(["msquicd", "client"]);

/**
 * Connects to a server and says hello, within a limit in milliseconds; resolves when the server has
 * answered. `onReached` is told when the greeting has been sent.
 */
export type Dial = (
  server: Address,
  limitMs: number,
  signal: AbortSignal,
  onReached?: (link: Link) => void,
) => Promise<Link>;

/** A first connection on which the server has not answered to the greeting yet. */
export interface Arrival {
  /** The first connection on which one has. */
  link: Promise<Link>;
  /** Ends the wait for that. */
  giveUp(): void;
}

/** What a {@linkcode Roaming} is made of. */
export interface RoamingOptions extends PatienceOptions {
  /** The connection to begin with. */
  link: Link;
  /** Set where its server has not answered to the greeting yet. */
  arrival?: Arrival;
  /** The servers that the user has named. */
  servers: readonly Address[];
  dial: Dial;
  /** How long one attempt to connect may take at most, in milliseconds. */
  timeoutMs: number;
  /** Whether there is another connection after the first. */
  failover: boolean;
  /** Whether to go where the first server would rather have the client; not by default. */
  follows?: boolean;
  /** Whether to go where a server would rather have it later on; not by default. */
  movable?: boolean;
}

/** How a request is run. */
export interface RunOptions {
  signal?: AbortSignal | undefined;
  /** Whether it does no harm if the server processes it twice. */
  repeatable: boolean;
  /**
   * How far all is that the request is a part of, in any unit: what has come further between two of its losses
   * is not lost because of it.
   */
  progress?: (() => number) | undefined;
}

/** A request on a connection: `attempt` counts from 0 how often it has been begun before. */
export type Request<Result> = (use: LinkUse, link: Link, attempt: number) => Promise<Result>;

/**
 * A client's way through servers: at any time, one connection at most takes new requests. When its
 * server goes away, another one is connected to first, and the old connection is closed when its last
 * request is done; when it is lost, requests wait for the next one, and are begun again there.
 */
export class Roaming {
  readonly #dial: Dial;
  readonly #failover: boolean;
  #follows: boolean;
  readonly #movable: boolean;
  #following: Promise<void> | undefined;
  readonly #timeoutMs: number;
  readonly #patience: PatienceOptions;
  readonly #route: Route;
  readonly #links = new Set<Link>();
  readonly #closing = new AbortController();
  readonly #ended = Promise.withResolvers<ConnectionEnd>();
  /** What the last connection ended with, for errors. */
  #failure: Error | undefined;
  /** Where new requests go. */
  #current: Link | undefined;
  #latest: Link;
  /** Where there is no current one: the one on which the greeting has been sent, for those who may be early. */
  #coming: Link | undefined;
  #reached = Promise.withResolvers<void>();
  #giveUpArrival: (() => void) | undefined;
  #search: Promise<void> | undefined;
  /** Whether the search, if there is one, is no longer enough: what it has found is to be left, too. */
  #restless = false;

  constructor(options: RoamingOptions) {
    const { link, servers, dial, timeoutMs, failover, retryForMs, onConnection } = options;
    this.#follows = options.follows ?? false;
    this.#movable = options.movable ?? false;
    this.#dial = dial;
    this.#timeoutMs = timeoutMs;
    this.#failover = failover;
    this.#patience = { retryForMs, onConnection };
    this.#route = new Route(servers);
    this.#latest = link;
    if (options.arrival === undefined) this.#adopt(link);
    else this.#arrive(link, options.arrival);
  }

  /** The connection that new requests go to, or the last one that they went to. */
  get link(): Link {
    return this.#latest;
  }

  /** Resolves when there is no connection and will be none, with how the last one ended. */
  get ended(): Promise<ConnectionEnd> {
    return this.#ended.promise;
  }

  /**
   * Runs a request, again where it is lost with its connection.
   *
   * @throws {RequestLostError} It is lost, and must not be repeated: the server may have processed it.
   * @throws {SessionEndedError} The server has ended the session, and does not want the client back.
   * @throws {RequestGivenUpError} One server after the other dies of it, it seems.
   * @throws {NoServerError} There is no connection left, and no other is to be had.
   */
  async run<Result>(request: Request<Result>, options: RunOptions): Promise<Result> {
    const { signal, repeatable, progress } = options;
    let reached = progress?.() ?? 0;
    const losses = new RequestLosses(this.#patience.retryForMs);
    let attempt = 0;
    for (;; attempt++) {
      // What must not be done twice waits until it is certain that it will be done.
      const link = await this.#available(signal, repeatable);
      using use = link.use();
      try {
        return await request(use, link, attempt);
      } catch (error) {
        signal?.throwIfAborted();
        if (this.#closing.signal.aborted) throw error;
        if (use.early && await wasUnheard(error, link)) continue;
        const waitMs = losses.waitFor(error);
        if (waitMs !== undefined) {
          const { signal: closing } = this.#closing;
          const end = signal === undefined ? closing : AbortSignal.any([signal, closing]);
          await delay(waitMs, end).catch(() => {});
          // It was not looked at, so there is nothing to ask about before: that would be one request more.
          attempt--;
          continue;
        }
        // The server has never let the client in: the reason for that is the one to tell.
        if (!this.#failover && link.hello === undefined) continue;
        if (await wasDismissed(error, link)) {
          throw new SessionEndedError(link.farewell?.message, use.opened && !repeatable);
        }
        if (!this.#failover) throw error;
        if (isRefusal(error)) {
          this.#refused(link);
          if (losses.refused()) throw error;
          continue;
        }
        if (!isLoss(error, link)) throw error;
        const end = await link.ended;
        this.#lose(link, end);
        if (use.opened && !repeatable) throw new RequestLostError(link.server, error);
        const far = progress?.() ?? 0;
        if (use.advanced || far > reached) losses.advanced();
        reached = far;
        const often = losses.lost(end, use.opened);
        if (losses.deadly) throw new RequestGivenUpError(link.server, losses.deaths, error);
        if (often) throw error;
      }
    }
  }

  /**
   * Connects once more, for what goes beside: to another server that the user has named, to another port of the
   * server's, or to the same one. Who asked for it closes it.
   *
   * @param turn Which of them, from 0 up, again from the first one behind the last.
   */
  async beside(turn: number, signal: AbortSignal): Promise<Link> {
    const { address, hello, roundTripMs } = this.#latest;
    const others = this.#failover ? this.#route.others(address, hello?.siblings ?? []) : [];
    const server = [...others, address][turn % (others.length + 1)] ?? address;
    return await this.#dial(server, attemptLimit(0, roundTripMs, this.#timeoutMs), signal);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#giveUpArrival?.();
    this.#failure ??= new ConnectionEndedError(`Connection to ${this.#latest.server} closed here`);
    await Promise.all(Array.from(this.#links, (link) => link.close()));
    await Promise.all([this.#search, this.#following]);
    this.#ended.resolve(await this.#latest.ended);
  }

  /**
   * The connection for a new request.
   *
   * @param early Whether the server may still have to answer to the greeting on it.
   */
  async #available(signal: AbortSignal | undefined, early: boolean): Promise<Link> {
    while (this.#current === undefined) {
      signal?.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
      if (early && this.#coming?.over === false) return this.#coming;
      const found = this.#seek();
      await orAborted(early ? Promise.race([found, this.#reached.promise]) : found, signal);
    }
    return this.#current;
  }

  /** The first connection is there but for the server's answer. */
  #arrive(link: Link, arrival: Arrival): void {
    this.#expect(link);
    this.#giveUpArrival = arrival.giveUp;
    this.#search = arrival.link.then(
      (link) => this.#adopt(link),
      async (error) => this.#giveUp(toError(error), await link.ended),
    ).finally(() => this.#search = undefined);
  }

  /** Lets those who may be early use a connection. */
  #expect(link: Link): void {
    if (this.#current !== undefined) return;
    this.#coming = link;
    this.#links.add(link);
    link.ended.then(() => this.#links.delete(link));
    this.#reached.resolve();
    this.#reached = Promise.withResolvers();
  }

  #adopt(link: Link): void {
    const previous = this.#current;
    this.#current = this.#latest = link;
    this.#coming = undefined;
    this.#restless = false;
    this.#links.add(link);
    this.#route.arrived(link.address, link.hello?.siblings);
    link.goAway.then(({ successors }) => this.#sendAway(link, successors));
    link.ended.then((end) => this.#lose(link, end));
    previous?.retire();
    if (this.#follows) this.#following = this.#follow(link, link.hello?.prefer);
    link.advice.then(({ successors: [port] }) => this.#heed(link, port));
    this.#follows = false; // once and no further, or clients might go in circles
  }

  /** A server has less room for the client than another one. */
  #heed(from: Link, port: number | undefined): void {
    if (!this.#movable || this.#closing.signal.aborted) return;
    const before = this.#following;
    this.#following = Promise.all([before, this.#follow(from, port)]).then(() => {});
  }

  async #follow(from: Link, port: number | undefined): Promise<void> {
    const { signal } = this.#closing;
    // Nobody waits for it.
    const limitMs = attemptLimit(0, from.roundTripMs, this.#timeoutMs);
    const dial = (server: Address) => this.#dial(server, limitMs, signal);
    const link = await follow(from, port, dial, () => this.#current === from, signal);
    if (link !== undefined) this.#adopt(link);
  }

  #sendAway(link: Link, successors: readonly number[]): void {
    if (link !== this.#current || !this.#failover) return;
    logger.debug("{server} is going away, {successors} take over", {
      server: link.server,
      successors,
    });
    this.#route.sentAway(link.address, successors);
    // Where there is nothing else, the sooner it has gone the sooner its successor is there.
    if (this.#route.alternatives.length === 0) this.#abandon(link);
    void this.#seek();
  }

  #refused(link: Link): void {
    if (link !== this.#current) return;
    this.#route.lost(link.address, Math.random());
    this.#abandon(link);
  }

  #abandon(link: Link): void {
    this.#current = undefined;
    link.retire();
  }

  #lose(link: Link, end: ConnectionEnd): void {
    this.#links.delete(link);
    if (link !== this.#current) return;
    this.#current = undefined;
    if (this.#closing.signal.aborted) return;
    if (!this.#failover || isFinal(end)) {
      return this.#giveUp(finalLoss(link, end), end);
    }
    logger.debug("Connection to {server} {reason}", { server: link.server, reason: end.message });
    this.#route.lost(link.address, Math.random());
    void this.#seek();
  }

  #giveUp(failure: Error, end: ConnectionEnd): void {
    this.#failure = failure;
    this.#ended.resolve(end);
  }

  /** Looks for another server, unless that is going on; never rejects. */
  #seek(): Promise<void> {
    this.#restless = true;
    return this.#search ??= this.#find().finally(() => {
      this.#search = undefined;
      if (this.#restless && this.#failure === undefined) void this.#seek();
    });
  }

  async #find(): Promise<void> {
    const { signal } = this.#closing;
    this.#restless = false;
    using patience = new Patience(this.#patience);
    for (let round = 0; !signal.aborted; round++) {
      const servers = this.#route.candidates.filter((server) => !this.#isLeaving(server));
      if (servers.length === 0) {
        await Promise.race(Array.from(this.#links, ({ ended }) => ended));
        continue;
      }
      // While a connection is left, nothing is lost yet.
      if (this.#links.size === 0) {
        const lost = lossOf(this.#latest, await this.#latest.ended);
        patience.begin(() => lost);
      }
      const failures = await this.#tryAll(servers, round, patience);
      if (failures === undefined || signal.aborted) return;
      if (this.#links.size === 0) {
        const refusal = failures.find((failure) => !isUnreachable(failure));
        if (refusal !== undefined) return this.#giveUp(refusal, await this.#latest.ended);
        if (patience.over) {
          const failure = inVain(this.#latest, patience.spentMs, failures);
          return this.#giveUp(failure, await this.#latest.ended);
        }
      }
      await patience.wait(round, signal, retryAfterMs(failures)).catch(() => {});
    }
  }

  /** Connects to the first server that can be connected to; returns the failures if there is none. */
  async #tryAll(
    servers: readonly Address[],
    round: number,
    patience: Patience,
  ): Promise<Error[] | undefined> {
    const { signal } = this.#closing;
    const failures: Error[] = [];
    for (const server of servers) {
      try {
        const limitMs = patience.limit(
          attemptLimit(round, this.#latest.roundTripMs, this.#timeoutMs),
        );
        const dialing = this.#dial(server, limitMs, signal, (link) => this.#expect(link));
        const link = await patience.spend(limitMs, dialing);
        if (signal.aborted) await link.close();
        else this.#adopt(link);
        patience.found(link.server);
        return undefined;
      } catch (error) {
        if (signal.aborted) return undefined;
        failures.push(toError(error));
      }
      if (patience.endsRound(round)) break;
    }
    return failures;
  }

  /** Whether a server has still to go before its successor can be there. */
  #isLeaving({ hostname, port }: Address): boolean {
    return Array.from(this.#links).some(({ address }) =>
      address.hostname === hostname && address.port === port
    );
  }
}

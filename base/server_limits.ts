/** A limit of a server: between which numbers it lies, and what it is where nothing is said. */
interface Limit {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

const MOST = Number.MAX_SAFE_INTEGER;

/**
 * What bounds the clients of one worker, and each of them. No limit is switched off by being left out; of
 * rates, 0 is none.
 */
export const SERVER_LIMITS = {
  /** Clients at once that have said hello. */
  connections: { min: 0, max: MOST, default: 10_000 },
  /** The same of one network: an IPv4 address, or the first 64 bits of an IPv6 address. */
  connectionsPerAddress: { min: 1, max: MOST, default: 5000 },
  /** The same of one token. */
  connectionsPerToken: { min: 1, max: MOST, default: 10_000 },
  /** Connections at once that have not said hello. */
  unauthenticated: { min: 1, max: MOST, default: 1000 },
  /** The same of one network. */
  unauthenticatedPerAddress: { min: 1, max: MOST, default: 500 },
  /** How long a client may take to say hello, in milliseconds. */
  helloTimeoutMs: { min: 1, max: 24 * 60 * 60 * 1000, default: 5000 },
  /** Wrong tokens of one network before answers to more are held back. */
  wrongTokens: { min: 1, max: MOST, default: 10 },
  /** Requests of one client at once, each on a stream. */
  streams: { min: 1, max: 65_535, default: 256 },
  /** Requests of one client in a second; 0 for any number. */
  requestsPerSecond: { min: 0, max: 1_000_000, default: 0 },
  /** Requests of all clients of one token in a second; 0 for any number. */
  requestsPerSecondPerToken: { min: 0, max: 1_000_000, default: 0 },
  /** Bytes of one client in a second, in both directions together; 0 for any number. */
  bytesPerSecond: { min: 0, max: MOST, default: 0 },
  /** Bytes of all clients of one token in a second; 0 for any number. */
  bytesPerSecondPerToken: { min: 0, max: MOST, default: 0 },
  /** Longest body of a request, in bytes. */
  bodyBytes: { min: 8192, max: 262_144, default: 262_144 },
  /** What is held of downloads that one client has not read yet, beside 64 KiB for each, in bytes. */
  unreadBytes: { min: 0, max: MOST, default: 64 * 1024 * 1024 },
  /** Uploads at once, but for small files that come as a whole. */
  uploads: { min: 1, max: MOST, default: 1024 },
} as const satisfies Readonly<Record<string, Limit>>;

/** What bounds the clients of one worker. */
export type ServerLimits = { readonly [Name in keyof typeof SERVER_LIMITS]: number };

/** The limits where nothing is said. */
export const DEFAULT_LIMITS: ServerLimits = Object.fromEntries(
  Object.entries(SERVER_LIMITS).map(([name, limit]) => [name, limit.default]),
) as ServerLimits;

/** How a connection finds out what its path takes: RFC 9438, or the first version of BBR. */
export const CONGESTION_CONTROLS = ["bbr", "cubic"] as const;

/** One of {@linkcode CONGESTION_CONTROLS}. */
export type CongestionControl = typeof CONGESTION_CONTROLS[number];

/** What holds where nothing is said; docs/performance.md has what it was chosen by. */
export const DEFAULT_CONGESTION_CONTROL: CongestionControl = "bbr";

/**
 * How many packets a connection may have under way before it knows anything of its path: 1 MiB is there after
 * four round trips. RFC 6928 has 10; docs/performance.md has what more of them does to slow paths.
 */
export const INITIAL_WINDOW_PACKETS = 72;

/**
 * How long a round trip is taken for before one has been measured, in milliseconds: a first packet that is lost
 * is sent again after three of them. RFC 9002 section 6.2.2 has 333.
 */
export const INITIAL_RTT_MS = 100;

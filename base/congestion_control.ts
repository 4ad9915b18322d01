/** How a connection finds out what its path takes: RFC 9438, or the first version of BBR. */
export const CONGESTION_CONTROLS = ["bbr", "cubic"] as const;

/** One of {@linkcode CONGESTION_CONTROLS}. */
export type CongestionControl = typeof CONGESTION_CONTROLS[number];

/** What holds where nothing is said; docs/performance.md has what it was chosen by. */
export const DEFAULT_CONGESTION_CONTROL: CongestionControl = "bbr";

/**
 * How many packets a connection may have under way before it knows anything of its path. RFC 6928 has 10,
 * which browsers and content networks have left behind for some 32.
 */
export const INITIAL_WINDOW_PACKETS = 32;

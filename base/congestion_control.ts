/** How a connection finds out what its path takes: RFC 9438, or the first version of BBR. */
export const CONGESTION_CONTROLS = ["bbr", "cubic"] as const;

/** One of {@linkcode CONGESTION_CONTROLS}. */
export type CongestionControl = typeof CONGESTION_CONTROLS[number];

/** What holds where nothing is said; docs/performance.md has what it was chosen by. */
export const DEFAULT_CONGESTION_CONTROL: CongestionControl = "bbr";

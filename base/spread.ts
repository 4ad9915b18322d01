/** What can count as load when clients are spread over workers; `none`: they are not. */
export const SPREADS = ["sessions", "transfers", "processor", "none"] as const;

/** What counts as load. */
export type SpreadName = (typeof SPREADS)[number];

/** Where nothing is said. */
export const DEFAULT_SPREAD: SpreadName = "sessions";

/** How long to try to connect again, in milliseconds: people close lids, and change networks. */
export const USUAL_RETRY_MS = 180_000;

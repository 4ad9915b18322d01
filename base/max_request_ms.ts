/** The longest that a request may take, in milliseconds: a day. */
export const MAX_REQUEST_MS = 86_400_000;

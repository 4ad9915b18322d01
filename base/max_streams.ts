/** Over how many connections one file may go. */
export const MAX_STREAMS = 16;

import { libc } from "../libraries/libc.ts";

// Values of fcntl.h.
const F_SETFD = 2;
const FD_CLOEXEC = 1;

const STANDARD_STREAMS = 3;

/**
 * Keeps programs that are started from now on from getting what this process has open, but for its standard
 * streams: libraries open some of it otherwise, MsQuic its UDP sockets among them. A program that outlived us with
 * one of these would keep our port.
 */
export function closeOnExec(): void {
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    const fd = Number(name);
    // One that is gone since, like that of the listing itself, cannot be inherited either.
    if (fd >= STANDARD_STREAMS) libc.fcntl_flags(fd, F_SETFD, FD_CLOEXEC);
  }
}

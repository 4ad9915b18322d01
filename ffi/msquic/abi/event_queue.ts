/**
 * What differs between the systems: the event queue that drives MsQuic (epoll on Linux, an I/O
 * completion port on Windows) and the numbers of the address families. Source: msquic_posix.h and
 * msquic_winuser.h, "Event Queue Abstraction".
 */

/** The sizes and offsets of one system. */
export interface PlatformLayout {
  /** `QUIC_EVENTQ`: a file descriptor (i32), or a HANDLE. */
  readonly EventQ: { readonly size: number };
  /** `QUIC_SQE`: what MsQuic queues; `Completion` is the function to call with the `QUIC_CQE`. */
  readonly Sqe: { readonly size: number; readonly Completion: number };
  /** `QUIC_CQE`: what the queue returns; `Sqe` is where the pointer to the `QUIC_SQE` is. */
  readonly Cqe: { readonly size: number; readonly Sqe: number };
  /** `QUIC_ADDRESS_FAMILY_…`. */
  readonly AddressFamily: {
    readonly UNSPEC: number;
    readonly INET: number;
    readonly INET6: number;
  };
}

/** `struct epoll_event`, which is packed on x86-64 alone. */
const EPOLL_EVENT = Deno.build.arch === "x86_64" ? { size: 12, Sqe: 4 } : { size: 16, Sqe: 8 };

/** The layout of each system that is supported. */
export const PLATFORM_LAYOUTS = {
  linux: {
    EventQ: { size: 4 },
    Sqe: { size: 16, Completion: 8 },
    Cqe: EPOLL_EVENT,
    AddressFamily: { UNSPEC: 0, INET: 2, INET6: 10 },
  },
  windows: {
    EventQ: { size: 8 },
    Sqe: { size: 40, Completion: 32 }, // OVERLAPPED comes first
    Cqe: { size: 32, Sqe: 8 }, // OVERLAPPED_ENTRY
    AddressFamily: { UNSPEC: 0, INET: 2, INET6: 23 },
  },
} as const satisfies Record<"linux" | "windows", PlatformLayout>;

/** The layout of the system this runs on. */
export const PLATFORM: PlatformLayout = Deno.build.os === "windows"
  ? PLATFORM_LAYOUTS.windows
  : PLATFORM_LAYOUTS.linux;

/** The numbers of the address families on the system this runs on. */
export const AddressFamily: PlatformLayout["AddressFamily"] = PLATFORM.AddressFamily;

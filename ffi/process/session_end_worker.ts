/**
 * The thread of {@linkcode watchSessionEnd}: has the window to which Windows says that the session ends.
 * Its only job is to wait for that, inside `GetMessageW`; Windows calls the window's procedure from there,
 * on this thread.
 *
 * @module
 */
import { wideString } from "../libraries/kernel32.ts";
import { leaseUser32, MSG, WindowMessage, WNDCLASSW } from "../libraries/user32.ts";

/** What the thread is told, once. */
export interface SessionEndStart {
  /** One word, 0 until all that is to be done before the session ends is done. */
  readonly done: Int32Array<SharedArrayBuffer>;
  /** How long Windows may be made to wait for it, in milliseconds. */
  readonly waitMs: number;
}

/** What the thread says: the window's address once there is one, and that the session ends. */
export type SessionEndEvent =
  | { readonly type: "window"; readonly address: bigint }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "ending" };

/** Of a `Worker`'s global scope, what is used here. */
interface Thread {
  postMessage(event: SessionEndEvent): void;
  onmessage: ((message: MessageEvent<SessionEndStart>) => void) | null;
  close(): void;
}

const CLASS_NAME = "msquicd session end";

function run(thread: Thread, { done, waitMs }: SessionEndStart): void {
  using user32 = leaseUser32();
  const { symbols } = user32;
  const { WM_CLOSE, WM_QUERYENDSESSION, WM_ENDSESSION } = WindowMessage;
  using procedure = disposable(
    new Deno.UnsafeCallback(
      { parameters: ["pointer", "u32", "usize", "isize"], result: "isize" } as const,
      (window, message, wParam, lParam) => {
        if (message === WM_QUERYENDSESSION) return 1n; // nothing against it
        if (message !== WM_ENDSESSION) {
          return symbols.DefWindowProcW(window, message, wParam, lParam);
        }
        if (wParam === 0n) return 0n; // somebody else was against it
        thread.postMessage({ type: "ending" });
        // Windows ends the process once this returns.
        Atomics.wait(done, 0, 0, waitMs);
        return 0n;
      },
    ),
  );
  const name = wideString(CLASS_NAME);
  const windowClass = new DataView(new ArrayBuffer(WNDCLASSW.size));
  windowClass.setBigUint64(
    WNDCLASSW.lpfnWndProc,
    Deno.UnsafePointer.value(procedure.pointer),
    true,
  );
  const nameAddress = Deno.UnsafePointer.value(Deno.UnsafePointer.of(name));
  windowClass.setBigUint64(WNDCLASSW.lpszClassName, nameAddress, true);
  symbols.RegisterClassW(new Uint8Array(windowClass.buffer));
  // Not a child of HWND_MESSAGE: those are not told.
  const window = symbols.CreateWindowExW(0, name, name, 0, 0, 0, 0, 0, null, null, null, null);
  if (window === null) {
    return thread.postMessage({ type: "failed", message: "Windows makes no window" });
  }
  thread.postMessage({ type: "window", address: Deno.UnsafePointer.value(window) });
  const bytes = new Uint8Array(MSG.size);
  const view = new DataView(bytes.buffer);
  while (symbols.GetMessageW(bytes, null, 0, 0) > 0) {
    if (view.getUint32(MSG.message, true) === WM_CLOSE) break;
    symbols.DispatchMessageW(bytes);
  }
  symbols.DestroyWindow(window);
}

function disposable<Definition extends Deno.UnsafeCallbackDefinition>(
  callback: Deno.UnsafeCallback<Definition>,
): { readonly pointer: Deno.PointerObject<Definition> } & Disposable {
  return { pointer: callback.pointer, [Symbol.dispose]: () => callback.close() };
}

const thread = globalThis as unknown as Thread;
thread.onmessage = ({ data }) => {
  run(thread, data);
  thread.close();
};

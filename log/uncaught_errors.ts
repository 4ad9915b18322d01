/**
 * Takes on errors that nothing catches, which would otherwise end the process on the spot, with
 * everything it holds left behind.
 *
 * @returns Disposed of, all is as before.
 */
export function trapUncaughtErrors(onFault: (error: unknown) => void): Disposable {
  const stop = new AbortController();
  addEventListener("error", (event) => {
    event.preventDefault();
    onFault(event.error);
  }, stop);
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    onFault(event.reason);
  }, stop);
  return { [Symbol.dispose]: () => stop.abort() };
}

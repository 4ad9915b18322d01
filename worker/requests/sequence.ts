/** How many bytes of a sequence of answers may be on their way to the client at once. */
const MAX_IN_FLIGHT = 256 * 1024;

/** How many answers, however small. */
const MAX_ANSWERS_IN_FLIGHT = 256;

/** An answer on its way. */
interface Sending {
  /** In bytes. */
  readonly length: number;
  /** Resolves when the client has it. */
  readonly sent: Promise<void>;
}

/**
 * Sends a sequence of answers, no faster than the client takes them: the handler is asked for the next one
 * when there is room for it.
 *
 * @param bodies What the handler has returned.
 * @param signal Ends the sequence: nothing more is asked for.
 * @param send Sends one.
 * @throws {TypeError} It is no sequence.
 * @throws What the handler throws, and what sending does.
 */
export async function sendSequence(
  bodies: unknown,
  signal: AbortSignal,
  send: (body: unknown) => Sending,
): Promise<void> {
  if (!isAsyncIterable(bodies)) {
    throw new TypeError("Handler of a sequence has returned no async iterable");
  }
  const iterator = bodies[Symbol.asyncIterator]();
  // A handler that waits for something hears of it by this, or by its context's signal.
  const end = () => void iterator.return?.()?.then(() => {}, () => {});
  signal.addEventListener("abort", end, { once: true });
  const sending: Sending[] = [];
  let inFlight = 0;
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done || signal.aborted) break;
      const one = send(value);
      one.sent.catch(() => {}); // looked at below, or made moot by an earlier failure
      sending.push(one);
      inFlight += one.length;
      while (inFlight > MAX_IN_FLIGHT || sending.length >= MAX_ANSWERS_IN_FLIGHT) {
        inFlight -= await arrived(sending);
      }
    }
    while (sending.length > 0) await arrived(sending);
  } catch (error) {
    end();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Waits for the oldest. @returns Its length. */
async function arrived(sending: Sending[]): Promise<number> {
  const oldest = sending.shift();
  await oldest?.sent;
  return oldest?.length ?? 0;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (Object(value) as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] ===
    "function";
}

import { stdin } from "node:process";
import { createInterface } from "node:readline";

/** How a peer tells `Peer` of what it was asked. */
export type Reply = { value: unknown } | { error: string };

/** What a peer does, once it is open. */
export interface Role {
  /** What it tells as soon as it is open. */
  ready: unknown;
  answer(question: unknown): Promise<unknown>;
}

/**
 * Runs this process as the other end of a `Peer`: opens what is set up by the first argument, then answers
 * questions until standard input ends.
 *
 * @param resources What is to be released at the end.
 */
export async function play<Setup>(
  open: (setup: Setup, resources: AsyncDisposableStack) => Promise<Role>,
): Promise<void> {
  // A terminal sends it to all; who started this process sees to its end.
  Deno.addSignalListener("SIGINT", () => {});
  await using resources = new AsyncDisposableStack();
  const setup: Setup = JSON.parse(Deno.args[0] ?? "null");
  const opened = await settle(() => open(setup, resources));
  if ("error" in opened) return tell(opened);
  const role = opened.value;
  tell({ value: role.ready });
  for await (const line of createInterface({ input: stdin })) {
    tell(await settle(() => role.answer(JSON.parse(line))));
  }
}

async function settle<Value>(
  work: () => Promise<Value>,
): Promise<{ value: Value } | { error: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function tell(reply: Reply): void {
  console.log(JSON.stringify(reply));
}

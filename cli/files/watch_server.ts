import type { Client } from "../../client/mod.ts";
import { ChangeCollector } from "./changes.ts";
import type { Watch } from "./watch_directory.ts";

/** After how long without a change all is compared again, in milliseconds: a worker that dies tells nothing more. */
const UNSURE_MS = 600_000;

/** How long the workers of a server may take to tell each other that somebody wants to know, in milliseconds. */
const SPREAD_MS = 1000;

/**
 * Watches a directory on a server with all that is below it, from when this resolves. Of what was missed, it is
 * not known what it was.
 *
 * @param directory Its name, without a slash at the end; empty for all that the server has.
 */
export async function watchServer(
  client: Client,
  directory: string,
  signal: AbortSignal,
): Promise<Watch> {
  const changes = new ChangeCollector();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What happens at other workers until they know, may not be told. */
  const compareSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => changes.add(), SPREAD_MS);
  };
  const onGap = () => {
    changes.add();
    compareSoon();
  };
  const events = client.subscribe(["file.*"], { signal, onGap });
  async function collect(): Promise<void> {
    try {
      for await (const { body: { name, to }, lost = 0 } of events) {
        if (lost > 0) changes.add();
        for (const changed of [name, to]) {
          if (typeof changed === "string") note(changed, directory, changes);
        }
      }
    } catch (error) {
      changes.fail(error);
    }
  }
  void collect();
  await events.begun;
  compareSoon();
  return {
    next: (signal) => changes.next(signal, UNSURE_MS),
    [Symbol.dispose]() {
      clearTimeout(timer);
      void events.return?.();
    },
  };
}

/** Takes what is in the directory, and the directory itself, or one above it, to be all of it. */
function note(changed: string, directory: string, changes: ChangeCollector): void {
  if (directory === "") changes.add(changed);
  else if (changed.startsWith(`${directory}/`)) changes.add(changed.slice(directory.length + 1));
  else if (`${directory}/`.startsWith(`${changed}/`)) changes.add();
}

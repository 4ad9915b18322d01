import type { ActionResult, Client } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { ActionFailedError } from "../errors.ts";
import { howActionEnded } from "../text/actions.ts";
import { printableLines } from "../text/format.ts";

/** What an action wrote, for `--json`. */
interface WrittenText {
  stream: "stdout" | "stderr";
  text: string;
}

/**
 * Has an action run, and shows what it writes as it comes: what it says on standard error there, too.
 *
 * @throws {ActionFailedError} It did not end with exit code 0.
 */
export async function runAction(
  client: Client,
  name: string,
  given: Record<string, string>,
  { output, stdout, stderr }: CliContext,
  signal: AbortSignal,
): Promise<void> {
  const written: WrittenText[] = [];
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const terminals = { stdout, stderr };
  const result = await client.runAction(name, given, {
    signal,
    async onOutput(stream, bytes) {
      const text = decoders[stream].decode(bytes, { stream: true });
      if (output.json) return void written.push({ stream, text });
      // A program may steer a terminal, or a pipe's reader, but this one's writer is somebody else.
      const shown = terminals[stream].interactive ? printableLines(text) : text;
      if (stream === "stdout") output.text(shown);
      else output.aside(shown);
      await output.drained(signal);
    },
  });
  const whole: ActionResult & { output: WrittenText[] } = { ...result, output: written };
  if (result.exitCode !== 0 || result.ended !== undefined) {
    const late = result.ended === "deadline";
    throw new ActionFailedError(late, howActionEnded(result), whole);
  }
  if (result.dropped > 0) output.note(droppedNote(result));
  output.result(whole);
}

function droppedNote({ action, dropped }: ActionResult): string {
  return `Action "${action}" wrote more than it may; ${dropped} bytes of that are not shown`;
}

/**
 * The first line that a program prints; what follows is not read.
 *
 * @param who The program, for people.
 * @throws {Error} It ends without one.
 */
export async function firstLine(output: ReadableStream<Uint8Array>, who: string): Promise<string> {
  let text = "";
  for await (const piece of output.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error(`${who} has ended; what it says is above`);
}

import process from "node:process";
import { Writable } from "node:stream";
import type { TextSink } from "../text/output.ts";

/**
 * The terminal as `readline` writes to it, through a sink. With `process.stdout` itself Deno 2.6 throws, out
 * of whatever `readline` does, once the terminal is gone.
 */
export class ReadlineOutput extends Writable implements Disposable {
  readonly #resized = (): void => void this.emit("resize");

  constructor(sink: TextSink) {
    super({
      decodeStrings: false,
      write(text, _encoding, done) {
        sink.write(String(text));
        done();
      },
    });
    process.stdout.on("resize", this.#resized);
  }

  /** Width of the terminal. */
  get columns(): number {
    return process.stdout.columns;
  }

  [Symbol.dispose](): void {
    process.stdout.off("resize", this.#resized);
  }
}

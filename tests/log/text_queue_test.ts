import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { TextQueue } from "../../log/mod.ts";

/** Takes text only while it is open, as a pipe does whose reader stops now and then. */
class Pipe {
  text = "";
  failure: Error | undefined;
  #open = Promise.withResolvers<void>();
  /** How many bytes it takes at once. */
  room = Infinity;

  async write(bytes: Uint8Array): Promise<number> {
    await this.#open.promise;
    if (this.failure !== undefined) throw this.failure;
    const taken = bytes.subarray(0, this.room);
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }

  open(): void {
    this.#open.resolve();
  }

  close(): void {
    this.#open = Promise.withResolvers();
  }
}

function queueOf(pipe: Pipe, maxWaiting?: number): TextQueue {
  const lostNote = (lines: number) => `${lines} lost\n`;
  return new TextQueue(pipe, { lostNote, ...(maxWaiting === undefined ? {} : { maxWaiting }) });
}

// 1.3, E1
Deno.test("TextQueue never waits for a reader that stands still: it drops, counts, and says so", async () => {
  const pipe = new Pipe();
  const queue = queueOf(pipe, 100);
  for (let line = 0; line < 1000; line++) queue.write(`line ${line}\n`);
  assert.equal(await queue.flush(10), false);
  assert.ok(queue.waiting <= 100);
  assert.equal(pipe.text, "");
  pipe.open();
  while (!pipe.text.endsWith("lost\n")) await delay(1);
  const lines = pipe.text.trimEnd().split("\n");
  const note = lines.pop() ?? "";
  const kept = Array.from({ length: lines.length }, (_, line) => `line ${line}`);
  assert.deepEqual(lines, kept);
  assert.equal(note, `${1000 - lines.length} lost`);
  queue.write("next\n");
  await queue.flush();
  assert.ok(pipe.text.endsWith(`${note}\nnext\n`));
});

Deno.test("TextQueue counts what a full disk has cost, and says so when there is room again", async () => {
  const pipe = new Pipe();
  pipe.open();
  const queue = queueOf(pipe);
  queue.write("good\n");
  await queue.flush();
  pipe.failure = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  for (let line = 0; line < 5; line++) {
    queue.write(`lost ${line}\n`);
    await queue.flush();
  }
  pipe.failure = undefined;
  queue.write("good again\n");
  await queue.flush();
  assert.equal(pipe.text, "good\n5 lost\ngood again\n");
});

Deno.test("TextQueue does not go on in the middle of a line that was cut", async () => {
  const pipe = new Pipe();
  pipe.open();
  const full = new Error("No space left on device");
  const queue = new TextQueue({
    async write(bytes) {
      const taken = await pipe.write(bytes);
      pipe.failure = full;
      return taken;
    },
  }, { lostNote: (lines) => `${lines} lost\n` });
  pipe.room = 4;
  queue.write("a line that is cut\n");
  await queue.flush();
  queue.write("a line that is lost while there is still no room\n");
  await queue.flush();
  pipe.failure = undefined;
  pipe.room = Infinity;
  queue.write("whole\n");
  await queue.flush();
  assert.equal(pipe.text, "a li\n2 lost\nwhole\n");
});

Deno.test("TextQueue tries again where the stream says that it takes nothing just now", async () => {
  const pipe = new Pipe();
  pipe.open();
  pipe.failure = new Deno.errors.WouldBlock("Resource temporarily unavailable");
  const queue = queueOf(pipe);
  queue.write("patience\n");
  assert.equal(await queue.flush(50), false);
  assert.equal(pipe.text, "");
  pipe.failure = undefined;
  // Whoever has waited in vain does not wait again.
  assert.equal(await queue.flush(), false);
  while (pipe.text === "") await delay(5);
  assert.equal(pipe.text, "patience\n");
});

Deno.test("TextQueue hands everything to its heir from when the target fails", async () => {
  const [pipe, heir] = [new Pipe(), new Pipe()];
  heir.open();
  const queue = queueOf(pipe);
  queue.inherit(heir);
  for (let line = 0; line < 3; line++) queue.write(`line ${line}\n`);
  pipe.failure = new Deno.errors.BrokenPipe("Broken pipe");
  pipe.open();
  await queue.flush();
  queue.write("and more\n");
  await queue.flush();
  assert.equal(pipe.text, "");
  assert.equal(heir.text, "line 0\nline 1\nline 2\nand more\n");
});

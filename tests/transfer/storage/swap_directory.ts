/**
 * Swaps a directory for a symbolic link and back, as fast as it can, until its standard input ends; says
 * when it has begun, and at the end how often it did.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";

const [path = "", link = ""] = Deno.args;
let swaps = 0;
let over = false;

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // Someone was faster: the next round begins with what is there.
  }
}

function swap(): void {
  attempt(() => Deno.renameSync(path, `${path}.away`));
  attempt(() => Deno.renameSync(link, path));
  attempt(() => Deno.renameSync(path, link));
  // A directory that was made in its place meanwhile makes room.
  attempt(() => Deno.renameSync(path, `${path}.made-${swaps}`));
  attempt(() => Deno.renameSync(`${path}.away`, path));
  swaps++;
}

void Deno.stdin.read(new Uint8Array(1)).then(() => over = true);
swap();
console.log("begun");
while (!over) {
  for (let round = 0; round < 100; round++) swap();
  await nextTurn();
}
console.log(swaps);

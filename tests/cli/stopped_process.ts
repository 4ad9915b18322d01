/** Says how often it was asked to stop, and by what; ends with the second time. */
import { listenForStop } from "../../cli/interrupt.ts";

const over = Promise.withResolvers<void>();
using _listening = listenForStop((count, signal) => {
  console.log(`${count} ${signal}`);
  if (count === 2) over.resolve();
});
console.log("listening");
const patience = setTimeout(over.resolve, 60_000);
await over.promise;
clearTimeout(patience);

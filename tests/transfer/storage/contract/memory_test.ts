import { testStorage } from "./contract.ts";
import { MemoryStorage } from "./memory_storage.ts";

testStorage("memory", () => {
  const files = new MemoryStorage();
  return Promise.resolve({
    files,
    others: files,
    leftovers: () => Promise.resolve([...files.memory.kept.keys()]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

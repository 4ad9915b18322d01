import assert from "node:assert/strict";
import type { FileStorage } from "../../../../transfer/mod.ts";
import type { Clause } from "./contract.ts";
import { get, list, put, random, sha256, type Traits, WAYS } from "./subject.ts";

/** Names that some disks take for the same. */
const PAIRS: readonly (readonly [string, string, "foldsCase" | "foldsForms"])[] = [
  ["name", "NAME", "foldsCase"],
  ["d/ä", "d/Ä", "foldsCase"],
  ["\u00e9", "e\u0301", "foldsForms"],
];

/** Of 255 bytes: of one byte a character, of two, three and four. */
const LONG = [
  `${"a".repeat(251)}.txt`,
  `${"é".repeat(127)}x`,
  "€".repeat(85),
  `${"😀".repeat(63)}abc`,
];

/** Which names there can be, and which are the same. */
export const nameContract: readonly Clause[] = [
  {
    says: "keeps two names apart that differ in case or form, or refuses the second",
    async check({ files, others, leftovers }, traits) {
      for (const [one, two, kind] of PAIRS) {
        for (const way of WAYS) {
          const [first, second] = [random(500), random(600)];
          await put(files, one, first, {}, way);
          for (const overwrite of ["never", "always"] as const) {
            await isOther(traits[kind], put(others, two, second, { overwrite }, way), two);
            assert.equal(sha256(await get(files, one)), sha256(first), `${way} ${two}`);
          }
          if (traits[kind] !== true) assert.equal(sha256(await get(files, two)), sha256(second));
          await clear(files);
        }
      }
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "keeps such names apart, or has one of them, where both come at once",
    async check({ files, others, leftovers }, traits) {
      for (const [one, two, kind] of PAIRS) {
        for (const overwrite of ["never", "always"] as const) {
          const contents = new Map([[one, random(500)], [two, random(600)]]);
          const outcomes = await Promise.allSettled([
            put(files, one, contents.get(one)!, { overwrite }),
            put(others, two, contents.get(two)!, { overwrite }),
          ]);
          const failures = outcomes.filter(({ status }) => status === "rejected");
          assert.equal(failures.length, traits[kind] === true ? 1 : 0, `${two}, ${overwrite}`);
          for (const failure of failures) {
            assert.equal((failure as PromiseRejectedResult).reason.code, "file-exists");
          }
          for (const name of await list(files)) {
            assert.equal(sha256(await get(files, name)), sha256(contents.get(name)!));
          }
          await clear(files);
        }
      }
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "does so for directories, and for what is moved",
    async check({ files, others, leftovers }, traits) {
      for (const [one, two, kind] of PAIRS) {
        const fold = traits[kind];
        assert.ok(await files.makeDirectory(one));
        assert.ok(!await others.makeDirectory(one));
        await isOther(fold, Promise.resolve().then(() => others.makeDirectory(two)), two);
        for (const way of WAYS) {
          await isOther(fold, put(others, `${two}/${way}`, random(5), {}, way), two);
        }
        await put(files, "x", random(7));
        await isOther(fold, files.move({ name: "x", to: `${two}/x` }), two);
        await clear(files);
        const bytes = random(9);
        await put(files, one, bytes);
        await put(files, "from", random(5));
        await put(files, "tree/a", random(5));
        for (const overwrite of ["never", "always"] as const) {
          if (fold !== true && overwrite === "always") await put(files, "from", random(5));
          await isOther(fold, files.move({ name: "from", to: two, overwrite }), two);
        }
        if (fold === true) await isOther(fold, files.move({ name: "tree", to: two }), two);
        assert.equal(sha256(await get(files, one)), sha256(bytes));
        await clear(files);
      }
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "takes names of 255 bytes, of whatever characters, all the way",
    async check({ files, others, leftovers }) {
      for (const name of LONG) {
        assert.equal(new TextEncoder().encode(name).length, 255);
        for (const way of WAYS) {
          const bytes = random(700);
          const path = `${name}/${name}`;
          await put(files, path, bytes, {}, way);
          assert.equal((await others.stat(path)).size, 700);
          assert.equal(sha256(await get(others, path)), sha256(bytes));
          await put(others, path, bytes, { overwrite: "always" }, way);
          assert.deepEqual(await list(others, { prefix: `${name}/` }), [path]);
          const shorter = Array.from(name).slice(1).join("");
          await files.move({ name: path, to: shorter });
          await files.move({ name: shorter, to: path });
          await files.remove(path);
        }
        assert.ok(await files.makeDirectory(name));
        await files.removeDirectory(name);
        assert.deepEqual(await list(files, { directories: "empty" }), []);
      }
      assert.deepEqual(await leftovers(), []);
    },
  },
  {
    says: "refuses names that are none, whatever is wanted of them",
    async check({ files, leftovers }) {
      const { signal } = new AbortController();
      for (const name of ["", "/a", "a/", "a//b", "..", "a\0", "x".repeat(256)]) {
        const refused = { code: "invalid-name" };
        await assert.rejects(files.stat(name), refused);
        await assert.rejects(files.open(name), refused);
        await assert.rejects(files.sum(name, signal), refused);
        await assert.rejects(files.remove(name), refused);
        await assert.rejects(files.removeDirectory(name), refused);
        await assert.rejects(async () => await files.makeDirectory(name), refused);
        await assert.rejects(files.move({ name, to: "b" }), refused);
        await assert.rejects(async () => await put(files, name, random(1)), refused);
        await assert.rejects(async () => await put(files, name, random(1), {}, "now"), refused);
        await put(files, "there", random(1));
        await assert.rejects(files.move({ name: "there", to: name }), refused);
        await files.remove("there");
      }
      assert.deepEqual(await leftovers(), []);
    },
  },
];

async function isOther(
  fold: Traits["foldsCase"],
  stored: Promise<unknown>,
  what: string,
): Promise<void> {
  if (fold === true) await assert.rejects(stored, { code: "file-exists" }, what);
  else await stored;
}

/** Removes all that is there. */
async function clear(files: FileStorage): Promise<void> {
  for (const name of await list(files, { directories: "empty" })) {
    if (name.endsWith("/")) await files.removeDirectory(name.slice(0, -1));
    else await files.remove(name);
  }
}

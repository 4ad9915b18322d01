import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { findUploads } from "../../../cli/files/uploads.ts";
import { asNobody, mayBeNobody } from "../../fixtures/as_nobody.ts";
import "../../fixtures/loaded_libc.ts";

const ignore = Deno.build.os === "windows";

const { signal: SIGNAL } = new AbortController();

interface Found {
  /** What is copied. */
  names: string[];
  /** What cannot be, and why. */
  problems: [name: string, message: string][];
  notes: string[];
  emptyDirectories: string[];
}

async function find(path: string, to?: string): Promise<Found> {
  const notes: string[] = [];
  const { uploads } = findUploads([path], to, (text) => notes.push(text), SIGNAL);
  const all = await Array.fromAsync(uploads());
  const found = all.filter(({ directory }) => !directory);
  return {
    names: found.filter(({ problem }) => problem === undefined).map(({ name }) => name),
    problems: found.filter(({ problem }) => problem !== undefined)
      .map(({ name, problem }) => [name, problem instanceof Error ? problem.message : ""]),
    notes,
    emptyDirectories: all.filter(({ directory }) => directory).map(({ name }) => name),
  };
}

/** Has a shell make a tree, in which any names are possible. */
async function withTree(script: string, test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "msquicd-tree-" });
  try {
    const shell = new Deno.Command("sh", { args: ["-euc", script], cwd: root });
    assert.ok((await shell.output()).success);
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test({
  name:
    "findUploads() leaves out what is neither file nor directory, saying so, and finds empty directories",
  ignore,
  async fn() {
    const script = "mkdir -p d/in d/empty d/none/none; echo 1 >d/in/a; " +
      "ln -s nowhere d/dangling; ln -s . d/loop; ln -s a d/in/link; mkfifo d/pipe; " +
      `mkdir d/part; touch d/.a.3--5.msquicd-part d/part/.msquicd-${crypto.randomUUID()}.part`;
    await withTree(script, async (root) => {
      const { names, problems, notes, emptyDirectories } = await find(join(root, "d"));
      assert.deepEqual(names, ["d/in/a"]);
      assert.deepEqual(problems, []);
      const left = notes.filter((note) => note.endsWith("it is what a get has not finished"));
      assert.equal(left.length, 2);
      assert.deepEqual(notes.filter((note) => !left.includes(note)).sort(), [
        `Left out "${root}/d/dangling": it is a symbolic link`,
        `Left out "${root}/d/in/link": it is a symbolic link`,
        `Left out "${root}/d/loop": it is a symbolic link`,
        `Left out "${root}/d/pipe": it is not a regular file`,
      ]);
      assert.deepEqual(emptyDirectories, ["d/empty", "d/none/none"]);
    });
  },
});

Deno.test({
  name:
    "findUploads() follows links that are named themselves, and says where that is not possible",
  ignore,
  async fn() {
    const script = "mkdir d; echo 1 >d/a; ln -s d there; ln -s nowhere dangling; " +
      "ln -s loop loop; mkfifo pipe; echo 1 >file";
    await withTree(script, async (root) => {
      assert.deepEqual((await find(join(root, "there"))).names, ["there/a"]);
      assert.deepEqual((await find(join(root, "pipe"))).names, ["pipe"]);
      const problems: [string, RegExp][] = [
        ["dangling", /it is a symbolic link that leads nowhere$/],
        ["loop", /it is a symbolic link that leads nowhere$/],
        ["/dev/zero", /it is not a regular file$/],
        ["file/x", /a part of its path is a file$/],
        ["none", /no such file or directory$/],
        ["x".repeat(300), /a name in it is too long$/],
      ];
      for (const [name, message] of problems) {
        const { names, problems } = await find(resolve(root, name));
        assert.deepEqual(names, [], name);
        assert.match(problems[0]?.[1] ?? "", message);
        assert.match(problems[0]?.[1] ?? "", /^Cannot copy "/);
      }
    });
  },
});

// The runtime tells such names with replacement characters, which are then the names of nothing.
Deno.test({
  name: "findUploads() says which names are no UTF-8, and finds everything else",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const bad = String.raw`"$(printf 'caf\351')"`;
    const alike = String.raw`"$(printf 'x\357\277\275')"`;
    const script = `mkdir d; echo 1 >d/ok.txt; echo 2 >d/${bad}; mkdir d/${bad}dir; ` +
      `echo 3 >d/${bad}dir/in; echo 4 >d/é; echo 5 >d/${alike}; ` +
      String.raw`echo 6 >d/"$(printf 'x\377')"`;
    await withTree(script, async (root) => {
      const { names, problems } = await find(join(root, "d"));
      // Two of the names look the same: one of them is a name, and copied once.
      assert.deepEqual(names, ["d/ok.txt", "d/x\ufffd", "d/é"]);
      assert.deepEqual(problems.map(([name]) => name), [
        "d/caf\ufffd",
        "d/caf\ufffddir",
        "d/x\ufffd",
      ]);
      for (const [, message] of problems) {
        assert.match(message, /: its name has bytes that are not/);
      }
      const named = await find(join(root, "d", "caf\ufffd"));
      assert.match(named.problems[0]?.[1] ?? "", /: its name has bytes that are not/);
    });
  },
});

Deno.test({
  name: "findUploads() says which directories it may not read, and finds everything else",
  ignore: !mayBeNobody,
  async fn() {
    const script = "mkdir -p d/no d/list; echo 1 >d/a; echo 2 >d/z; echo 3 >d/list/b; " +
      "chmod 0 d/no; chmod 744 d/list; chmod 755 .";
    await withTree(script, async (root) => {
      const path = join(root, "d");
      const { names, problems } = await asNobody(() => find(path));
      assert.deepEqual(names, ["d/a", "d/z"]);
      assert.deepEqual(problems, [
        ["d/list/b", `Cannot read "${path}/list/b": the operating system does not allow it`],
        ["d/no", `Cannot read the directory "${path}/no": the operating system does not allow it`],
      ]);
    });
  },
});

Deno.test("findUploads() does not copy what is copied, where a server's storage is in the tree", async () => {
  const root = await Deno.makeTempDir({ prefix: "msquicd-tree-" });
  try {
    const files = [
      "top/a",
      "top/storage/.msquicd/uploads/x",
      "top/storage/top/a",
      "top/storage/other/b",
      "top/top/c",
    ];
    for (const file of files) {
      await Deno.mkdir(join(root, file, ".."), { recursive: true });
      await Deno.writeTextFile(join(root, file), file);
    }
    const { names, notes } = await find(join(root, "top"));
    assert.deepEqual(names, ["top/a", "top/storage/other/b", "top/top/c"]);
    assert.equal(notes.length, 2);
    const renamed = await find(join(root, "top"), "other/deep");
    assert.deepEqual(
      renamed.names,
      ["a", "storage/top/a", "top/c"].map((it) => `other/deep/${it}`),
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import fc from "fast-check";
import { isFileName, MAX_SEGMENTS, parseFileName, parseNewFileName } from "../../protocol/mod.ts";

const ACCEPTED = [
  "a",
  "a/b/c",
  "a.txt",
  ".hidden",
  "..a",
  "a..b",
  "...a",
  "two words",
  "naïve/文件/😀",
  "console",
  "CONfig.txt",
  "nul1",
  "COM10",
  "LPT",
  "com",
  "aux_",
  "xCON",
  "-rf",
  "~",
  "~root",
  "$HOME",
  "%41",
  "%2e%2e/a",
  "a'b",
  "a;b&c",
  "a~1",
  "MSQUIC~1x",
  "a/.msquicd",
  ".msquicd2/a",
  ".msquicd-01234567.part",
  "x".repeat(255),
  "é".repeat(127),
  `${"x/".repeat(500)}y`,
];

const REFUSED: Record<string, string[]> = {
  "empty": ["", "/", "//", "a//b"],
  "absolute": ["/a", "//server/share/a"],
  "trailing slash": ["a/"],
  "leaving": ["..", "../a", "a/..", "a/../b", "a/../../b", ".", "./a", "a/./b"],
  "Windows paths": [
    "a\\b",
    "..\\a",
    "\\a",
    "\\\\server\\share",
    "C:",
    "C:a",
    "C:\\a",
    "c:/a",
    "\\\\?\\C:\\a",
  ],
  "streams and wildcards": ["a:b", "a::$DATA", "a*", "a?", "a<b", "a>b", 'a"b', "a|b"],
  "control characters": ["a\0", "\0", "a\nb", "a\tb", "\x1b[31m", "a\x7f", "a\x9b"],
  "devices": [
    "CON",
    "con",
    "Prn",
    "AUX",
    "NUL",
    "nul.txt",
    "a/NUL",
    "CON.tar.gz",
    "NUL/a",
    "aux .txt",
  ],
  "numbered devices": ["COM0", "COM1", "com9.log", "COM¹", "com².x", "LPT0", "LPT3", "lpt³"],
  "consoles": ["CONIN$", "conout$", "CONIN$.txt"],
  "trailing dots and spaces": ["a.", "a ", "a. ", "a./b", "a /b", "...", " ", "a\u0020"],
  "leading spaces": [" a", "a/ b"],
  "broken Unicode": ["\ud800", "a\udc00", "\udc00\ud800"],
  "too long": [
    "x".repeat(256),
    "é".repeat(128),
    `${"x/".repeat(512)}y`,
    "x/".repeat(600_000) + "y",
  ],
  "the server's own": [
    ".msquicd",
    ".msquicd/uploads/a",
    "a/.msquicd-01234567-89ab-cdef-0123-456789abcdef.part",
    ".MSQUICD-01234567-89AB-CDEF-0123-456789ABCDEF.PART/a",
    ".MSQUICD",
    ".MsQuicD/a",
    ".m\u017fquicd",
    ".msqu\u0131cd",
    "MSQUIC~1",
    "msquic~2/uploads/a",
    "MS3F7A~1/a",
  ],
};

Deno.test("parseFileName() accepts file names", () => {
  for (const name of ACCEPTED) assert.deepEqual(parseFileName(name), name.split("/"));
});

for (const [why, names] of Object.entries(REFUSED)) {
  Deno.test(`parseFileName() refuses names: ${why}`, () => {
    for (const name of names) {
      const wanted = { name: "InvalidNameError", code: "invalid-name", message: /^Cannot use "/ };
      assert.throws(() => parseFileName(name), wanted, name);
    }
  });
}

Deno.test("parseFileName() says what is wrong in a printable message of bounded length", () => {
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.constant("\u0001".repeat(5000)));
  fc.assert(fc.property(anything, (name) => {
    if (isFileName(name)) return;
    assert.throws(() => parseFileName(name), ({ message }: Error) => {
      return message.length < 1000 && !/\p{Cc}/u.test(message);
    });
  }));
});

/** Names made of the pieces that are dangerous, and some that are not. */
function names(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    ...[
      "/",
      "\\",
      ".",
      "..",
      "a",
      "b",
      " ",
      ":",
      "C:",
      "CON",
      "nul",
      "~1",
      "%2e",
      "\0",
      "é",
      "\ud800",
    ],
  );
  return fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary" }),
  );
}

Deno.test("parseFileName() accepts only names that stay below the root, everywhere", () => {
  const roots = [{ path: posix, root: "/srv/files" }, { path: win32, root: "C:\\srv\\files" }];
  let accepted = 0;
  fc.assert(
    fc.property(names(), (name) => {
      assert.equal(isFileName(name), !throws(() => parseFileName(name)));
      if (!isFileName(name)) return;
      accepted++;
      const segments = parseFileName(name);
      for (const { path, root } of roots) {
        const joined = path.join(root, ...segments);
        assert.equal(joined, [root, ...segments].join(path.sep));
        assert.equal(path.resolve(root, name), joined);
        assert.equal(path.relative(root, joined), segments.join(path.sep));
        assert.ok(!path.isAbsolute(name));
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(accepted > 100, `only ${accepted} names were accepted`);
});

function throws(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

// I3
Deno.test("parseNewFileName() refuses names that are deeper than any that are wanted", () => {
  const name = `${"x/".repeat(MAX_SEGMENTS - 1)}y`;
  assert.equal(parseNewFileName(name).length, MAX_SEGMENTS);
  const wanted = { code: "invalid-name", message: /it has more than 100 segments$/ };
  assert.throws(() => parseNewFileName(`x/${name}`), wanted);
  assert.equal(parseFileName(`x/${name}`).length, MAX_SEGMENTS + 1);
});

// B7
Deno.test("parseFileName() says of a slash at the end that it is for directories", () => {
  const message = /: it ends with a slash, as directories do; name a file in it$/;
  for (const name of ["d/", "d/e/"]) assert.throws(() => parseFileName(name), { message });
});

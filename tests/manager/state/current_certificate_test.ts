import { configureSync, resetSync } from "@logtape/logtape";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { certificateSource } from "../../../manager/state/certificate_source.ts";
import { CurrentCertificate } from "../../../manager/state/current_certificate.ts";
import { type UsedFiles, UsedPairs } from "../../../manager/state/used_pairs.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";
import { eventually, Sandbox } from "../fixtures/harness.ts";

const SUBJECT = { host: "127.0.0.1" };
const posix = Deno.build.os !== "windows";

interface Pair {
  cert: string;
  key: string;
  fingerprint: string;
}

async function newPair(name: string, days: readonly [number, number] = [-2, 90]): Promise<Pair> {
  using made = await makeTestCertificate([name], days);
  return {
    cert: Deno.readTextFileSync(made.certificateFile),
    key: Deno.readTextFileSync(made.privateKeyFile),
    fingerprint: made.fingerprint,
  };
}

/** A watched certificate at a place that is configured, and what becomes of it. */
class Watched implements AsyncDisposable {
  readonly box = new Sandbox();
  readonly certificateFile = join(this.box.path, "cert.pem");
  readonly privateKeyFile = join(this.box.path, "key.pem");
  /** What happened, in order. */
  readonly told: string[] = [];
  readonly logs: string[] = [];
  refusal: Error | undefined;
  readonly #resources = new AsyncDisposableStack();
  #current: CurrentCertificate | undefined;

  static async open(pair: Pair): Promise<Watched> {
    const watched = new Watched();
    await watched.#open(pair);
    return watched;
  }

  get current(): CurrentCertificate {
    assert.ok(this.#current);
    return this.#current;
  }

  get files(): string[] {
    const names = Array.from(Deno.readDirSync(this.box.state.usedPairsDirectory), (e) => e.name);
    return names.sort();
  }

  install({ cert, key }: Partial<Pair>): void {
    if (cert !== undefined) Deno.writeTextFileSync(this.certificateFile, cert);
    if (key !== undefined) Deno.writeTextFileSync(this.privateKeyFile, key, { mode: 0o600 });
  }

  async presents(fingerprint: string): Promise<void> {
    await eventually(
      "the certificate",
      // What was wrong with the one before is forgotten a moment later.
      () => this.current.fingerprint === fingerprint && this.current.status.problem === null,
    );
  }

  /** Waits until what is there now was found to be bad, and why. */
  async problem(reason: RegExp): Promise<void> {
    await eventually(String(reason), () => reason.test(this.current.status.problem ?? ""));
  }

  async #open(pair: Pair): Promise<void> {
    this.#resources.use(this.box);
    configureSync({
      reset: true,
      sinks: { list: ({ message }) => void this.logs.push(message.join("")) },
      loggers: [{ category: "msquicd", sinks: ["list"], lowestLevel: "info" }],
    });
    this.#resources.defer(() => resetSync());
    await this.box.state.prepare();
    this.install(pair);
    const { certificateFile, privateKeyFile } = this;
    const source = certificateSource(this.box.state, { certificateFile, privateKeyFile });
    const used = this.#resources.use(await UsedPairs.open(this.box.state.usedPairsDirectory));
    const options = { source, subject: SUBJECT, used, lookMs: 10 };
    this.#current = this.#resources.use(await CurrentCertificate.load(options));
    this.#current.watch({
      announce: () => Promise.resolve(void this.told.push("announced")),
      present: (files) => this.#present(files),
      replaced: () => void this.told.push("replaced"),
    });
  }

  #present({ certificateFile, privateKeyFile }: UsedFiles): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    const { fingerprint256 } = new X509Certificate(Deno.readTextFileSync(certificateFile));
    assert.match(Deno.readTextFileSync(privateKeyFile), /PRIVATE KEY/);
    if (posix) assert.equal((Deno.statSync(privateKeyFile).mode ?? 0) & 0o777, 0o600);
    this.told.push(fingerprint256.replaceAll(":", "").toLowerCase());
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

Deno.test("CurrentCertificate has a new pair presented once all of it is there", async () => {
  const [old, next] = [await newPair("old"), await newPair("next")];
  await using watched = await Watched.open(old);
  const { current } = watched;
  assert.deepEqual(current.fingerprints, [old.fingerprint]);
  // One file after the other, and the first in two halves.
  watched.install({ cert: next.cert.slice(0, 300) });
  await watched.problem(/not all of it is there/);
  watched.install({ cert: next.cert });
  await watched.problem(/belongs to another certificate/);
  assert.equal(current.fingerprint, old.fingerprint);
  assert.deepEqual(watched.told, []);
  watched.install({ key: next.key });
  await watched.presents(next.fingerprint);
  assert.deepEqual(watched.told, ["announced", next.fingerprint, "replaced"]);
  assert.equal(current.status.problem, null);
  assert.equal(watched.files.length, 4); // a worker may be about to load the one before
  const { certificateFile } = current.files;
  assert.equal(Deno.readTextFileSync(certificateFile), next.cert);
});

Deno.test("CurrentCertificate keeps the pair that it has where another cannot be used, and says why", async () => {
  const good = await newPair("good");
  await using watched = await Watched.open(good);
  const chain = await newPair("chain");
  const bad: [Partial<Pair>, RegExp][] = [
    [await newPair("past", [-9, -1]), /it expired on/],
    [await newPair("future", [5, 50]), /it is not valid before/],
    [{ cert: "" }, /it is empty/],
    [{ cert: "rubbish" }, /it is no certificate in PEM form/],
    [{ ...chain, cert: `${chain.cert}\n${good.cert.slice(0, 200)}` }, /not all of it is there/],
    [{ ...good, key: "" }, /is no private key in PEM form/],
  ];
  for (const [pair, reason] of bad) {
    watched.install(pair);
    await watched.problem(reason);
    await assert.rejects(watched.current.check(), { code: "bad-certificate" });
    // A worker that starts all the same finds what it needs.
    const { certificateFile } = await watched.current.prepare("life");
    assert.equal(Deno.readTextFileSync(certificateFile), good.cert);
    await assert.rejects(watched.current.prepare("rehearsal"), { code: "bad-certificate" });
  }
  for (const file of [watched.certificateFile, watched.privateKeyFile]) Deno.removeSync(file);
  await watched.problem(/it is missing/);
  assert.deepEqual(watched.told, []);
  assert.ok(watched.logs.some((line) => /Going on with the certificate .* expired on/.test(line)));
  // What was there before, again.
  watched.install(good);
  await eventually("no problem", () => watched.current.status.problem === null);
  assert.deepEqual(watched.told, []);
});

Deno.test("CurrentCertificate keeps the pair that it has where no worker can load another", async () => {
  const [good, next] = [await newPair("good"), await newPair("next")];
  await using watched = await Watched.open(good);
  watched.refusal = new Error("Cannot use certificate: too weak");
  watched.install(next);
  await watched.problem(/too weak/);
  assert.deepEqual(watched.current.fingerprints, [good.fingerprint]);
  assert.equal(watched.files.length, 2);
  watched.refusal = undefined;
  await watched.current.check();
  assert.equal(watched.current.fingerprint, next.fingerprint);
});

Deno.test({
  name: "CurrentCertificate notices that a link leads to another directory",
  ignore: !posix,
  async fn() {
    const [old, next] = [await newPair("old"), await newPair("next")];
    await using watched = await Watched.open(old);
    const { path } = watched.box;
    for (const [name, pair] of [["one", old], ["two", next]] as const) {
      Deno.mkdirSync(join(path, name));
      Deno.writeTextFileSync(join(path, name, "cert.pem"), pair.cert);
      Deno.writeTextFileSync(join(path, name, "key.pem"), pair.key);
    }
    Deno.symlinkSync("one", join(path, "data"));
    for (
      const [file, name] of [
        [watched.certificateFile, "cert.pem"],
        [watched.privateKeyFile, "key.pem"],
      ]
    ) {
      Deno.symlinkSync(join("data", name!), `${file}.new`);
      Deno.renameSync(`${file}.new`, file!);
    }
    await watched.current.check();
    assert.deepEqual(watched.told, []);
    // As Kubernetes does: both files at once.
    Deno.symlinkSync("two", join(path, "data.new"));
    Deno.renameSync(join(path, "data.new"), join(path, "data"));
    await watched.presents(next.fingerprint);
    // And that others can read a key is said, once.
    const said = watched.logs.filter((line) => /can be read by every user/.test(line));
    assert.equal(said.length, 1);
  },
});

Deno.test("CurrentCertificate says how many days are left, from 30 on", async () => {
  await using watched = await Watched.open(await newPair("soon", [-1, 12.5]));
  assert.equal(watched.current.status.daysLeft, 12);
  const said = () => watched.logs.filter((line) => /expires in 12 days/.test(line));
  assert.equal(said().length, 1);
  await watched.current.prepare("life");
  assert.equal(said().length, 1);
  const later = await newPair("later", [-1, 31.5]);
  watched.install(later);
  await watched.presents(later.fingerprint);
  assert.equal(watched.current.status.daysLeft, 31);
  assert.ok(!watched.logs.some((line) => /expires in 31 days/.test(line)));
});

Deno.test("CurrentCertificate makes none while a pair of the state directory is replaced", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  await using used = await UsedPairs.open(box.state.usedPairsDirectory);
  const source = certificateSource(box.state, {});
  await using current = await CurrentCertificate.load({ source, subject: SUBJECT, used });
  const { fingerprint } = current;
  await Deno.rename(box.state.certificateFile, `${box.state.certificateFile}.old`);
  await assert.rejects(current.check(), /it is missing; put it there, or shut the manager down/);
  assert.equal(current.fingerprint, fingerprint);
  await assert.rejects(Deno.stat(box.state.certificateFile), Deno.errors.NotFound);
});

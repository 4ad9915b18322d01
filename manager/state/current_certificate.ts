import { getLogger } from "@logtape/logtape";
import type { CertificateStatus } from "../../handlers/commands/mod.ts";
import { audit, hasAuditFile } from "../../log/mod.ts";
import { onBeat } from "../beat.ts";
import { currentCertificate, ensureCertificate, isOurs } from "./certificate.ts";
import { type CertificateSubject, missingNames, wantedNames } from "./certificate_names.ts";
import { type CertificatePair, fingerprintOf, validityOf } from "./certificate_pair.ts";
import type { CertificateSource } from "./certificate_source.ts";
import { daysLeftOf, TermReminder } from "./certificate_term.ts";
import { LOOK_MS, signatureOf } from "./file_signature.ts";
import type { UsedFiles, UsedPairs } from "./used_pairs.ts";

const logger = getLogger(["msquicd", "manager"]);

/** How often a pair is looked at that has not changed on disk, in milliseconds: it may have expired. */
const ANYWAY_MS = 60_000;

/** Whom another certificate concerns. */
export interface CertificateUsers {
  /** Has the clients of this machine trust it as well; resolves when they do. */
  announce(): Promise<void>;
  /** Has the workers present it. @throws {Error} If the first one that tries cannot. */
  present(files: UsedFiles): Promise<void>;
  /** The one before is not used any more. */
  replaced(): void;
}

const NOBODY: CertificateUsers = {
  announce: () => Promise.resolve(),
  present: () => Promise.resolve(),
  replaced() {},
};

/** What a {@linkcode CurrentCertificate} works with. */
export interface CurrentCertificateOptions {
  source: CertificateSource;
  /** Who it is to be for. */
  subject: CertificateSubject;
  used: UsedPairs;
}

/**
 * The certificate that workers present. What is on disk is watched; another pair takes its place once it was
 * checked, and a worker has loaded it. One that cannot be used changes nothing, and is told of.
 */
export class CurrentCertificate implements AsyncDisposable {
  readonly #options: CurrentCertificateOptions;
  readonly #reminder = new TermReminder();
  #pair: CertificatePair;
  #files: UsedFiles;
  /** One that workers may present any moment. */
  #coming: CertificatePair | undefined;
  #problem: string | undefined;
  #users = NOBODY;
  #looking: Promise<void> | undefined;
  #rounds: Disposable | undefined;
  #roundAt = -Infinity;
  #round: Promise<void> | undefined;
  #signature: string | undefined;
  #lookedAt = -Infinity;
  /** The signature of what was looked at last. */
  #looked: string | undefined;

  private constructor(options: CurrentCertificateOptions, pair: CertificatePair, files: UsedFiles) {
    this.#options = options;
    this.#pair = pair;
    this.#files = files;
  }

  /** Looks for the first time. @throws as `ensureCertificate` does. */
  static async load(options: CurrentCertificateOptions): Promise<CurrentCertificate> {
    const { source, subject, used } = options;
    const pair = await ensureCertificate(source, subject);
    const current = new CurrentCertificate(options, pair, await used.put(pair));
    current.#remind();
    return current;
  }

  /** What workers load that start now. */
  get files(): UsedFiles {
    return this.#files;
  }

  /** Of what workers present that start now. */
  get fingerprint(): string {
    return fingerprintOf(this.#pair.certificate);
  }

  /** Of that, and of what they may present soon. */
  get fingerprints(): string[] {
    const { certificate } = this.#coming ?? this.#pair;
    return [...new Set([this.fingerprint, fingerprintOf(certificate)])];
  }

  /** What there is to tell of it. */
  get status(): CertificateStatus {
    return {
      fingerprint: this.fingerprint,
      file: this.#options.source.certificateFile,
      expires: new Date(validityOf(this.#pair.certificate).to).toISOString(),
      daysLeft: daysLeftOf(this.#pair),
      problem: this.#problem ?? null,
    };
  }

  /**
   * Watches what is on disk from now on.
   *
   * @param users Who hears of another certificate.
   */
  watch(users: CertificateUsers): void {
    this.#users = users;
    this.#rounds = onBeat(() => {
      if (performance.now() - this.#roundAt < LOOK_MS) return;
      this.#round ??= this.#goRound().finally(() => this.#round = undefined);
    });
    this.#warnOfNames().catch((error: unknown) => {
      logger.debug("Cannot tell whom the certificate names: {error}", { error });
    });
  }

  /**
   * Looks at what is on disk at once, and takes it into use.
   *
   * @throws {CertificateError | NotPrivateError | StateError} If it cannot be used; or what workers say who
   *   cannot present it.
   */
  check(): Promise<void> {
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  /**
   * Sees to it that a worker finds what it is to load, whatever has become of what is on disk; a rehearsal
   * is for finding that out.
   *
   * @throws as {@linkcode check} does, before a rehearsal.
   */
  async prepare(purpose: "life" | "rehearsal"): Promise<UsedFiles> {
    if (purpose === "rehearsal") await this.check();
    else await this.#checkQuietly();
    return await this.#options.used.put(this.#pair);
  }

  /** Watches no longer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#rounds?.[Symbol.dispose]();
    this.#users = NOBODY;
    await this.#round;
    await this.#looking?.catch(() => {}); // whoever looks hears of it
  }

  /** What has changed is looked at once it has been the same for a round: it may be half-written. */
  async #goRound(): Promise<void> {
    const { source: { certificateFile, privateKeyFile } } = this.#options;
    const before = this.#signature;
    this.#roundAt = performance.now();
    this.#signature = await signatureOf([certificateFile, privateKeyFile]);
    const settled = this.#signature === before && this.#signature !== this.#looked;
    if (settled || performance.now() - this.#lookedAt >= ANYWAY_MS) await this.#checkQuietly();
  }

  async #checkQuietly(): Promise<void> {
    const signature = this.#signature;
    await this.check().catch(() => {}); // it has been told of
    this.#looked = signature;
    this.#lookedAt = performance.now();
    this.#remind();
  }

  async #look(): Promise<void> {
    try {
      const pair = await currentCertificate(this.#options.source, this.#options.subject);
      if (pair.id !== this.#pair.id) await this.#replace(pair);
      this.#problem = undefined;
    } catch (error) {
      this.#note(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Local clients trust it before the first worker presents it. */
  async #replace(pair: CertificatePair): Promise<void> {
    const { used } = this.#options;
    const before = this.#pair;
    const files = await used.put(pair);
    this.#coming = pair;
    try {
      await this.#users.announce();
      await this.#users.present(files);
      this.#pair = pair;
      this.#files = files;
    } finally {
      this.#coming = undefined;
      this.#users.replaced();
      // A worker that starts may not have loaded the one before yet.
      await used.keepOnly([before, this.#pair]);
    }
    this.#audit("ok", {});
    logger.warning(
      "Workers present another certificate from now on, with fingerprint {fingerprint}, until {date}; " +
        "clients of other machines that have the one before pinned must learn it",
      { fingerprint: this.fingerprint, date: pair.certificate.validTo },
    );
  }

  #note(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#audit("bad-certificate", { reason: problem });
    logger.error(
      "Going on with the certificate with fingerprint {fingerprint}, valid until {date}: {problem}",
      { fingerprint: this.fingerprint, date: this.#pair.certificate.validTo, problem },
    );
  }

  /** Where there is no file for it, the line beside it is what there is to say. */
  #audit(result: string, details: { reason?: string }): void {
    const { source: { certificateFile: target } } = this.#options;
    const { fingerprint } = this;
    if (!hasAuditFile()) return;
    audit({ event: "certificate.change", result, target, fingerprint, ...details });
  }

  #remind(): void {
    const { source } = this.#options;
    const advice = isOurs(this.#pair) && source.own
      ? "another one is made then, whose fingerprint clients must learn; to have it earlier, shut the " +
        "manager down, remove this, and start it again"
      : "put another one in its place, which is taken into use as it is there";
    this.#reminder.note(source.certificateFile, this.#pair, advice);
  }

  /** A certificate that was made for other addresses is of no use to clients that check names. */
  async #warnOfNames(): Promise<void> {
    const { source, subject } = this.#options;
    if (!source.own || !isOurs(this.#pair)) return;
    const wanted = wantedNames(subject);
    if (wanted.length <= wantedNames({ host: "127.0.0.1" }).length) return;
    const missing = await missingNames(this.#pair.certificate, wanted);
    if (missing.length === 0) return;
    logger.warning(
      "Certificate {file} does not name {missing}: clients that trust it by --ca do not take it there; " +
        "to have one made that does, shut the manager down, remove it, and start again; clients must " +
        "then learn the new fingerprint",
      { file: source.certificateFile, missing: missing.join(", ") },
    );
  }
}

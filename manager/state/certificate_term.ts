import { getLogger } from "@logtape/logtape";
import { validityOf } from "./certificate_pair.ts";
import type { CertificatePair } from "./certificate_pair.ts";

const logger = getLogger(["msquicd", "manager"]);

const DAY_MS = 86_400_000;

/** From how many days on somebody has to hear of it. */
export const WARN_DAYS = 30;

/** How many whole days a certificate is still valid; negative if it is not any more. */
export function daysLeftOf({ certificate }: CertificatePair, now: number = Date.now()): number {
  return Math.floor((validityOf(certificate).to - now) / DAY_MS);
}

/** Says in the log how many days a certificate has left: from 30 on, once for each number of them. */
export class TermReminder {
  #said: string | undefined;

  /** @param advice What to do about it. */
  note(file: string, pair: CertificatePair, advice: string): void {
    const days = daysLeftOf(pair);
    const saying = `${pair.id} ${days}`;
    if (days > WARN_DAYS || saying === this.#said) return;
    this.#said = saying;
    const facts = { file, days, date: pair.certificate.validTo, advice };
    if (days < 0) logger.error("Certificate {file} expired on {date}; {advice}", facts);
    else logger.warning("Certificate {file} expires in {days} days, on {date}; {advice}", facts);
  }
}

import { X509Certificate } from "node:crypto";
import { CodedError } from "../../base/mod.ts";

/** Which certificate MsQuic has read is not known. */
export class CertificateChangedError extends CodedError {
  readonly code = "certificate-changed";

  constructor(file: string) {
    super(`Certificate "${file}" was replaced while it was being read; trying again helps`);
  }
}

/** The certificate in a file, as it was before MsQuic reads it. */
export interface SeenCertificate {
  /**
   * Its fingerprint, once MsQuic has read it: lower-case hex SHA-256 of the DER.
   *
   * @throws {CertificateChangedError} By now there is another one.
   */
  fingerprint(): Promise<string>;
}

/** Looks at a certificate that MsQuic is about to read, which does not tell what it has found. */
export async function seeCertificate(file: string): Promise<SeenCertificate> {
  const before = await readIfThere(file);
  return {
    async fingerprint() {
      if (await readIfThere(file) !== before) throw new CertificateChangedError(file);
      return new X509Certificate(before).fingerprint256.replaceAll(":", "").toLowerCase();
    },
  };
}

/** That it cannot be read is for MsQuic to say. */
async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

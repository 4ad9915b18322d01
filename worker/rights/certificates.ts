import { createHash } from "node:crypto";
import type { ClientGrants } from "../../base/client_grants.ts";
import type { ShownCertificate } from "../../ffi/mod.ts";
import { Identity } from "./identity.ts";

/** Reads the common name of a certificate (DER); `undefined` where there is no single one. */
type ReadCommonName = (der: Uint8Array<ArrayBuffer>) => string | undefined;

/** Knows clients by their certificates. */
export class Certificates {
  readonly #byFingerprint = new Map<string, Identity>();
  readonly #byCommonName = new Map<string, Identity>();
  readonly #readCommonName: ReadCommonName;

  private constructor(clients: ClientGrants, readCommonName: ReadCommonName) {
    this.#readCommonName = readCommonName;
    for (const [name, { allow, prefix, ...known }] of Object.entries(clients)) {
      const place = prefix === undefined ? {} : { prefix };
      const identity = new Identity({ kind: "certificate", name, allow, ...place });
      if ("fingerprint" in known) this.#byFingerprint.set(known.fingerprint, identity);
      else this.#byCommonName.set(known.commonName, identity);
    }
  }

  /** Loads what it takes to know these. */
  static async load(clients: ClientGrants): Promise<Certificates> {
    if (!Object.values(clients).some((client) => "commonName" in client)) {
      return new Certificates(clients, () => undefined);
    }
    const { certificateCommonName } = await import(
      "../../ffi/msquic/certificate_common_name.ts"
    );
    return new Certificates(clients, certificateCommonName);
  }

  /** Whose certificate it is; nobody's, if no authority that is trusted has signed it. */
  identify(shown: ShownCertificate | undefined): Identity | undefined {
    if (shown === undefined || !shown.trusted) return undefined;
    const fingerprint = createHash("sha256").update(shown.der).digest("hex");
    const known = this.#byFingerprint.get(fingerprint);
    if (known !== undefined || this.#byCommonName.size === 0) return known;
    const commonName = this.#commonNameOf(shown);
    return commonName === undefined ? undefined : this.#byCommonName.get(commonName);
  }

  #commonNameOf({ der }: ShownCertificate): string | undefined {
    try {
      return this.#readCommonName(der);
    } catch {
      return undefined; // TLS has understood it, and the parser has not
    }
  }
}

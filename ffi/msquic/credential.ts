/** A certificate, with those of its authorities after it, and its key, both PEM files. */
export interface CertificatePair {
  certificateFile: string;
  privateKeyFile: string;
}

/** Who one is, or whom one trusts. */
export type Credential =
  /**
   * A server's certificate. With `clientCaFile` it asks its clients for one, which they need not have; what
   * comes is checked against the authorities in that PEM file, and can be looked at.
   */
  | ({ role: "server"; clientCaFile?: string } & CertificatePair)
  /** A client, which shows `own` where it has one and the server asks for it. */
  | (ClientTrust & { own?: CertificatePair });

/** Whom a client trusts. */
export type ClientTrust = /**
   * A client that trusts one certificate, or those that are told when a connection is about to be made:
   * lower-case hex SHA-256 of its DER.
   */
  | { role: "client"; fingerprint: string | (() => Promise<readonly string[]>) }
  /** A client that trusts what the authorities in a PEM file have signed. */
  | { role: "client"; caFile: string }
  /** A client that trusts anybody. */
  | { role: "client"; insecure: true };

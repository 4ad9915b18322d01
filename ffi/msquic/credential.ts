/** Who one is, or whom one trusts. */
export type Credential =
  /** A server's certificate and its key, both PEM files. */
  | { role: "server"; certificateFile: string; privateKeyFile: string }
  /**
   * A client that trusts one certificate, or those that are told when a connection is about to be made:
   * lower-case hex SHA-256 of its DER.
   */
  | { role: "client"; fingerprint: string | (() => Promise<readonly string[]>) }
  /** A client that trusts what the authorities in a PEM file have signed. */
  | { role: "client"; caFile: string }
  /** A client that trusts anybody. */
  | { role: "client"; insecure: true };

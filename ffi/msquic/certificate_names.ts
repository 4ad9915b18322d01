import "reflect-metadata"; // needed by @peculiar/x509
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";

/**
 * Whom a certificate (DER) is made out to, as `node:tls` writes it: `DNS:localhost, IP Address:::1`.
 *
 * Loading the parser takes a fifth of a second, so this module is imported only where it is needed.
 */
export function certificateNames(der: Uint8Array<ArrayBuffer>): string {
  const extension = new X509Certificate(der).getExtension(SubjectAlternativeNameExtension);
  return (extension?.names.items ?? [])
    .filter(({ type }) => type === "dns" || type === "ip")
    .map(({ type, value }) => `${type === "dns" ? "DNS" : "IP Address"}:${value}`)
    .join(", ");
}

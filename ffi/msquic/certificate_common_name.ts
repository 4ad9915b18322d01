import "reflect-metadata"; // needed by @peculiar/x509
import { X509Certificate } from "@peculiar/x509";

/**
 * The common name in the subject of a certificate (DER); `undefined` if there is none, or more than one.
 *
 * The runtime's own list of a subject's parts is text, in which one part can look like another. Loading the
 * parser takes a fifth of a second, so this module is imported only where it is needed.
 */
export function certificateCommonName(der: Uint8Array<ArrayBuffer>): string | undefined {
  const names = new X509Certificate(der).subjectName.getField("CN");
  return names.length === 1 ? names[0] : undefined;
}

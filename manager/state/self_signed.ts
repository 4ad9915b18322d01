import { createPublicKey, type KeyObject } from "node:crypto";
import "reflect-metadata"; // needed by @peculiar/x509
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const SERIAL_LENGTH = 9;

/** What a certificate says. */
export interface SelfSignedOptions {
  /** Its subject and issuer, such as `CN=msquicd`. */
  name: string;
  altNames: JsonGeneralNames;
  notBefore: Date;
  notAfter: Date;
}

/** A server's certificate, signed with its own P-256 key, in PEM form. */
export async function makeSelfSigned(
  key: KeyObject,
  { name, altNames, notBefore, notAfter }: SelfSignedOptions,
): Promise<string> {
  const keys = await keyPair(key);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    ...{ name, keys, notBefore, notAfter },
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(altNames),
    ],
  });
  return certificate.toString("pem");
}

async function keyPair(key: KeyObject): Promise<CryptoKeyPair> {
  const privateKey = new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
  const publicKey = new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));
  return {
    privateKey: await crypto.subtle.importKey("pkcs8", privateKey, P256, false, ["sign"]),
    publicKey: await crypto.subtle.importKey("spki", publicKey, P256, true, ["verify"]),
  };
}

/** A random number in hex, which is positive: its first bit is 0, and it does not begin with zeros. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SERIAL_LENGTH));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toHex();
}

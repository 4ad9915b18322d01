import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { generate } from "selfsigned";

/** A self-signed certificate in files. */
export interface BenchCertificate {
  certificateFile: string;
  privateKeyFile: string;
  /** Lower-case hex SHA-256 of the DER. */
  fingerprint: string;
}

/** Makes a P-256 certificate for `localhost`, as msquicd's own are, in a directory. */
export async function makeCertificate(directory: string): Promise<BenchCertificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const certificateFile = join(directory, "cert.pem");
  const privateKeyFile = join(directory, "key.pem");
  await Deno.writeTextFile(certificateFile, cert);
  await Deno.writeTextFile(privateKeyFile, key, { mode: 0o600 });
  const { fingerprint256 } = new X509Certificate(cert);
  const fingerprint = fingerprint256.replaceAll(":", "").toLowerCase();
  return { certificateFile, privateKeyFile, fingerprint };
}

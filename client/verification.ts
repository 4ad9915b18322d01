/** What is compared when a file has been moved. */
export const VERIFICATIONS = ["none", "size", "sha256"] as const;

/**
 * What is compared when a file has been moved: with `sha256` its bytes, by their hash at both ends; with `size`
 * how many there are; with `none` only what QUIC and the protocol look at in any case, which is every packet,
 * and that as many bytes come as were announced.
 */
export type Verification = typeof VERIFICATIONS[number];

/** What a result says of it: nothing, where it was the bytes. */
export function verifiedAs(
  verify: Verification | undefined,
): { verified?: Exclude<Verification, "sha256"> } {
  return verify === undefined || verify === "sha256" ? {} : { verified: verify };
}

/** Whether the bytes are hashed here. */
export function isHashed(verify: Verification | undefined): boolean {
  return verify === undefined || verify === "sha256";
}

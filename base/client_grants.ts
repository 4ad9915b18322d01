import { type AccessGrant, findGrantMistake, isMap, type Mistake } from "./access_grant.ts";
import { isTokenName, TOKEN_NAME_FORM } from "./token_grant.ts";

/** Which clients are known by their certificates, and what each may do: one of the two says which it is. */
export type ClientGrant =
  & AccessGrant
  & (
    | { /** SHA-256 of the certificate's DER, in lower-case hex. */ readonly fingerprint: string }
    | { /** The one in the certificate's subject. */ readonly commonName: string }
  );

/** Clients by what they are called in logs. */
export type ClientGrants = Readonly<Record<string, ClientGrant>>;

/** The most that there may be. */
const MAX_CLIENTS = 1000;

/** The longest common name, in UTF-16 code units. */
const MAX_COMMON_NAME = 256;

/** Looks for what is wrong with clients that somebody else has written; `undefined` if nothing is. */
export function findClientsMistake(value: unknown): Mistake | undefined {
  if (!isMap(value)) return { path: [], wanted: "an object with clients by their names" };
  const entries = Object.entries(value);
  if (entries.length > MAX_CLIENTS) return { path: [], wanted: `at most ${MAX_CLIENTS} clients` };
  const seen = new Set<string>();
  for (const [name, client] of entries) {
    const mistake = findClientMistake(name, client);
    if (mistake !== undefined) return mistake;
    const known = JSON.stringify(knownBy(client as ClientGrant));
    if (seen.has(known)) {
      return { path: [name], wanted: "known by another certificate than others" };
    }
    seen.add(known);
  }
  return undefined;
}

/** How a client is known. */
export function knownBy(client: ClientGrant): { fingerprint: string } | { commonName: string } {
  return "fingerprint" in client
    ? { fingerprint: client.fingerprint }
    : { commonName: client.commonName };
}

function findClientMistake(name: string, client: unknown): Mistake | undefined {
  if (!isTokenName(name)) return { path: [name], wanted: TOKEN_NAME_FORM, unknownKey: true };
  const mistake = findGrantMistake(client, [name], ["fingerprint", "commonName"]);
  if (mistake !== undefined) return mistake;
  const { fingerprint, commonName } = client as Readonly<Record<string, unknown>>;
  if ((fingerprint === undefined) === (commonName === undefined)) {
    return { path: [name], wanted: "known by one of fingerprint and commonName" };
  }
  if (fingerprint !== undefined) {
    if (typeof fingerprint === "string" && /^[0-9a-f]{64}$/.test(fingerprint)) return undefined;
    return { path: [name, "fingerprint"], wanted: "64 lower-case hexadecimal digits" };
  }
  const isName = typeof commonName === "string" && commonName !== "" &&
    commonName.length <= MAX_COMMON_NAME;
  return isName ? undefined : { path: [name, "commonName"], wanted: "a common name" };
}

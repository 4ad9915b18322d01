import { isIP } from "node:net";
import type { X509Certificate } from "node:crypto";

/** Who a certificate that is made here is for. */
export interface CertificateSubject {
  /** Address that workers listen on. */
  readonly host: string;
  /** Names and addresses besides, which the operator has told. */
  readonly names?: readonly string[] | undefined;
}

/** How this machine is called, and reached. */
export interface Machine {
  hostname(): string;
  addresses(): readonly string[];
}

const THIS_MACHINE: Machine = {
  hostname: () => Deno.hostname(),
  addresses: () => Deno.networkInterfaces().map(({ address }) => address),
};

/** Everybody on the machine has these. */
const ALWAYS = ["localhost", "127.0.0.1", "::1"];

/** Labels of letters, digits, hyphens and underscores, of which the first may be an asterisk. */
const DNS_NAME =
  /^(?=.{1,253}$)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** More are of no use: machines with many containers have one address for each of them. */
const MAX_MACHINE_ADDRESSES = 32;

/** Whether a certificate can name it: an IP address, or a DNS name in ASCII. */
export function isCertificateName(name: string): boolean {
  return isIP(name) !== 0 || (DNS_NAME.test(name) && !/^[\d.]+$/.test(name));
}

/**
 * What a certificate names: this machine, what the operator has told, and, where workers can be reached from
 * elsewhere, the machine's name and the addresses that they are reached at.
 */
export function wantedNames(
  { host, names = [] }: CertificateSubject,
  machine: Machine = THIS_MACHINE,
): string[] {
  const wanted = [...ALWAYS, ...names, ...namesElsewhere(host, machine)];
  return [...new Set(wanted.map(canonical))];
}

/** Those of the names that a certificate does not have, as it is read with what takes time to load. */
export async function missingNames(
  certificate: X509Certificate,
  wanted: readonly string[],
): Promise<string[]> {
  const { certificateNames } = await import("../../ffi/msquic/certificate_names.ts");
  const text = certificateNames(new Uint8Array(certificate.raw));
  const named = text.split(", ").map((name) => canonical(name.replace(/^(DNS|IP Address):/, "")));
  return wanted.filter((name) => !named.includes(name) && !named.includes(wildcardFor(name)));
}

/** Names as those who make certificates want them. */
export function altNames(names: readonly string[]): { type: "dns" | "ip"; value: string }[] {
  return names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }));
}

function namesElsewhere(host: string, machine: Machine): string[] {
  const address = host.replace(/%.*$/, ""); // of a zone, only this machine knows
  if (isLoopback(address)) return [address];
  const hostname = machine.hostname();
  const known = isCertificateName(hostname) ? [hostname] : [];
  return [...known, ...addressesOf(address, machine)];
}

function addressesOf(address: string, machine: Machine): string[] {
  if (address !== "0.0.0.0" && address !== "::") return [address];
  const all = machine.addresses().filter((one) =>
    (address === "::" || isIP(one) === 4) && !isLoopback(one) && !isLinkLocal(one)
  );
  return all.slice(0, MAX_MACHINE_ADDRESSES);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Such an address is none without the name of an interface. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address) || address.includes("%");
}

function canonical(name: string): string {
  if (isIP(name) !== 6) return name.toLowerCase();
  return new URL(`http://[${name}]`).hostname.slice(1, -1);
}

function wildcardFor(name: string): string {
  return isIP(name) === 0 ? name.replace(/^[^.]+/, "*") : name;
}

/**
 * What one person easily has many addresses of: with IPv6, 64 bits are theirs to choose.
 *
 * @param hostname An IP address.
 * @returns The IPv4 address, or the first 64 bits of the IPv6 address, as text.
 */
export function networkOf(hostname: string): string {
  if (!hostname.includes(":") || hostname.includes(".")) return hostname;
  const [head = "", tail] = hostname.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail === undefined) return groups.slice(0, 4).join(":");
  const rest = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => "0");
  return [...groups, ...zeros, ...rest].slice(0, 4).join(":");
}

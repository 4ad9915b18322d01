import { read, section, tablesIn } from "../docs/markdown.ts";

/** Somebody with a token. */
export interface Identity {
  readonly name: string;
  readonly allow: readonly string[];
  readonly token: string;
}

/** The tokens that are made for a run, by what they allow. */
export const GRANTS: readonly { name: string; allow: readonly string[] }[] = [
  { name: "reader", allow: ["read"] },
  { name: "writer", allow: ["write", "delete"] },
  { name: "caller", allow: ["call:*", "action:say"] },
  { name: "looker", allow: ["system"] },
  { name: "nobody", allow: [] },
];

/** The rights that each type of message takes, as `docs/protocol.md` has them. */
const RIGHTS: ReadonlyMap<number, readonly string[]> = new Map(
  (tablesIn(section(read("docs/protocol.md"), "Messages"))[0] ?? []).map((
    [type = "", , right = ""],
  ) => [Number(type), right.match(/[a-z]+/g) ?? []]),
);

/** Whether what is written down lets somebody have an answer to a message of a type at all. */
export function mayHaveAnswer({ allow }: Pick<Identity, "allow">, type: number): boolean {
  if (allow.includes("admin")) return true;
  if (type >= 0x8000) return allow.some((scope) => scope.startsWith("call:"));
  const rights = RIGHTS.get(type);
  if (rights === undefined || rights.length === 0) return false;
  return rights.every((right) =>
    right === "use" || allow.includes(right) ||
    (right === "action" && allow.some((scope) => scope.startsWith("action:")))
  );
}

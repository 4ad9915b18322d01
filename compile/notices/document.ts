import type { Component } from "./component.ts";

const INTRODUCTION = `# Third-party notices

Others' work that msquicd is made of, or made and tested with, with the licences. Written by
\`deno task notices\`; \`msquicd licenses\` prints it. msquicd's own licence is in \`LICENSE\`.
`;

/** The notices as Markdown. Components that share a licence's very text share a section. */
export function noticesDocument(components: readonly Component[]): string {
  const groups = Map.groupBy(components, ({ text, name }) => text === "" ? name : words(text));
  return [INTRODUCTION, ...[...groups.values()].map(section)].join("\n");
}

function section(group: readonly Component[]): string {
  const licenses = new Set(group.map(({ license }) => license));
  const remarks = group.flatMap(({ remark }) => remark === undefined ? [] : [`${remark}\n`]);
  const text = group[0]?.text.trim() ?? "";
  const body = text === ""
    ? "Its authors ship no text of the licence.\n"
    : `\`\`\`\`text\n${text.replaceAll("\r", "")}\n\`\`\`\`\n`;
  const names = group.map(({ name }) => name).join(", ");
  return [`## ${names}\n`, `Licence: ${[...licenses].join(", ")}.\n`, ...remarks, body].join("\n");
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

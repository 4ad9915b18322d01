import { fileURLToPath } from "node:url";
import type { Line } from "../line.ts";
import { median } from "../statistics.ts";
import { at, COLORS, escapeText, number, svgDocument } from "../svg.ts";
import { LINE_PREFIX } from "./path_row.ts";
import { type Path, PATHS } from "./paths.ts";

/** Where the picture is. */
export const PICTURE_FILE = fileURLToPath(new URL("../../docs/network.svg", import.meta.url));

const SIZE = { label: 220, bars: 530, figure: 60, bar: 9, gap: 12, title: 34, legend: 40 } as const;
const TICKS = 5;

/** Draws the paths that have been measured into `docs/network.svg`; nothing if there are none. */
export async function drawNetwork(lines: readonly Line[]): Promise<void> {
  const picture = pictureOf(lines);
  if (picture !== undefined) await Deno.writeTextFile(PICTURE_FILE, picture);
}

/** A line's path, and its title in the picture. */
interface Group {
  path: Path;
  line: Line;
}

/** Bars for each path, way by way and rate by rate; as long as the share of the link's rate. */
export function pictureOf(lines: readonly Line[]): string | undefined {
  const rates = [...new Set(PATHS.map(({ rateMbit }) => rateMbit))];
  const panels = rates.flatMap((rate) =>
    Object.entries(LINE_PREFIX).map(([way, prefix]) => ({
      title: `${way}, ${rate} Mbit/s`,
      groups: groupsOf(lines, prefix, rate),
    }))
  ).filter(({ groups }) => groups.length > 0);
  if (panels.length === 0) return undefined;
  const names = panels[0]!.groups[0]!.line.entries.map(({ who }) => who);
  const parts = [drawLegend(names)];
  let top: number = SIZE.legend;
  for (const { title, groups } of panels) {
    parts.push(`<g transform="translate(0 ${top})">`, drawPanel(title, groups), "</g>");
    top += heightOf(groups);
  }
  return svgDocument(SIZE.label + SIZE.bars + SIZE.figure, top, parts);
}

function groupsOf(lines: readonly Line[], prefix: string, rate: number): Group[] {
  return PATHS.filter(({ rateMbit }) => rateMbit === rate).flatMap((path) => {
    const line = lines.find(({ name }) => name === prefix + path.name);
    return line === undefined ? [] : [{ path, line }];
  });
}

function heightOf(groups: readonly Group[]): number {
  const bars = groups.reduce((sum, { line }) => sum + line.entries.length * SIZE.bar + SIZE.gap, 0);
  return SIZE.title + bars + SIZE.title;
}

function drawLegend(names: readonly string[]): string {
  return names.map((name, i) => {
    const x = 12 + i * 130;
    return `<rect x="${x}" y="12" width="12" height="12" fill="${colorOf(i)}"/>` +
      `<text x="${x + 18}" y="22">${escapeText(name)}</text>`;
  }).join("\n");
}

function drawPanel(title: string, groups: readonly Group[]): string {
  const { rateMbit } = groups[0]!.path;
  const end = heightOf(groups) - SIZE.title;
  const x = (rate: number) => SIZE.label + SIZE.bars * rate / rateMbit;
  const shares = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  let y: number = SIZE.title;
  return [
    `<text x="12" y="20" font-weight="bold">${escapeText(title)}</text>`,
    ...shares.map((share) =>
      `<path d="M${at(x(rateMbit * share))} ${SIZE.title - 4}V${at(end)}" stroke="#e2e8f0"/>` +
      `<text x="${at(x(rateMbit * share))}" y="${at(end + 14)}" text-anchor="middle">` +
      `${number(rateMbit * share)}</text>`
    ),
    ...groups.map(({ path, line: { entries } }) => {
      const middle = y + entries.length * SIZE.bar / 2 + 4;
      const label = `<text x="${SIZE.label - 8}" y="${at(middle)}" text-anchor="end">` +
        `${escapeText(path.title)}</text>`;
      const bars = entries.map(({ rounds }, i) => {
        if (rounds.length === 0) return "";
        const rate = median(rounds);
        const top = y + i * SIZE.bar;
        return `<rect x="${SIZE.label}" y="${at(top)}" width="${at(x(rate) - SIZE.label)}" ` +
          `height="${SIZE.bar - 1}" fill="${colorOf(i)}"/>` +
          `<text x="${at(x(rate) + 4)}" y="${at(top + SIZE.bar - 1.5)}" font-size="8">` +
          `${number(rate)}</text>`;
      });
      y += entries.length * SIZE.bar + SIZE.gap;
      return [label, ...bars].join("\n");
    }),
  ].join("\n");
}

function colorOf(index: number): string {
  return index < COLORS.length ? COLORS[index]! : "#64748b";
}

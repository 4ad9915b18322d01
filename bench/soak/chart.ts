import { at, COLORS, escapeText, number, roundUp, svgDocument } from "../svg.ts";

/** A line in a panel: a value for each moment. */
export interface Series {
  name: string;
  values: readonly number[];
}

/** Some series with the same unit. */
export interface Panel {
  title: string;
  series: readonly Series[];
}

const SIZE = { width: 860, panel: 210, left: 64, right: 130, top: 34, bottom: 34 } as const;
const TICKS = 4;

/**
 * Draws panels above each other, as SVG.
 *
 * @param minutes The moment of each value.
 */
export function drawChart(panels: readonly Panel[], minutes: readonly number[]): string {
  const height = SIZE.panel * panels.length;
  const end = Math.max(...minutes, Number.MIN_VALUE);
  return svgDocument(
    SIZE.width,
    height,
    panels.map((panel, i) =>
      `<g transform="translate(0 ${i * SIZE.panel})">\n${drawPanel(panel, minutes, end)}\n</g>`
    ),
  );
}

function drawPanel({ title, series }: Panel, minutes: readonly number[], end: number): string {
  const top = roundUp(Math.max(...series.flatMap(({ values }) => values), Number.MIN_VALUE));
  const inner = {
    width: SIZE.width - SIZE.left - SIZE.right,
    height: SIZE.panel - SIZE.top - SIZE.bottom,
  };
  const x = (minute: number) => SIZE.left + inner.width * minute / end;
  const y = (value: number) => SIZE.top + inner.height * (1 - value / top);
  const shares = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  return [
    `<text x="${SIZE.left}" y="20" font-weight="bold">${escapeText(title)}</text>`,
    ...shares.map((share) =>
      `<path d="M${SIZE.left} ${at(y(top * share))}H${
        SIZE.left + inner.width
      }" stroke="#e2e8f0"/>` +
      `<text x="${SIZE.left - 8}" y="${at(y(top * share) + 4)}" text-anchor="end">` +
      `${number(top * share)}</text>`
    ),
    ...shares.map((share) =>
      `<text x="${at(x(end * share))}" y="${SIZE.panel - 12}" text-anchor="middle">` +
      `${number(end * share)} min</text>`
    ),
    ...series.map(({ name, values }, i) => {
      const color = COLORS[i % COLORS.length];
      const points = values.map((value, k) => `${at(x(minutes[k] ?? 0))},${at(y(value))}`);
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" ` +
        `stroke-width="1.5"/><text x="${SIZE.left + inner.width + 10}" ` +
        `y="${SIZE.top + 12 + 18 * i}" fill="${color}">${escapeText(name)}</text>`;
    }),
  ].join("\n");
}

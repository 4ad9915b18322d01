/** What charts as SVG have in common. */

/** Of series, in this order. */
export const COLORS = ["#2563eb", "#16a34a", "#d97706", "#dc2626", "#7c3aed"] as const;

/** A whole picture: white, with a plain font. */
export function svgDocument(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="sans-serif" font-size="12" fill="#334155">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/** The next of 1, 2, 2.5, 4, 5, 8 and 10 times a power of ten: the end of an axis with four parts. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 4, 5, 8, 10].find((step) => value <= step * power) ?? 10;
  return step * power;
}

/** Three significant digits, for people. */
export function number(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** A coordinate, as exact as a picture needs it. */
export function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}

/** Text within an element. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

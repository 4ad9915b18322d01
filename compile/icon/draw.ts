import type { Picture } from "./png.ts";

const BACKGROUND = [22, 62, 122] as const;
const FOREGROUND = [255, 255, 255] as const;

/** Of a picture that is one unit wide and high, its middle at the origin. */
const SHAPE = {
  halfSide: 0.48,
  cornerRadius: 0.1,
  chevrons: [-0.29, -0.07, 0.15],
  chevronHeight: 0.22,
  chevronWidth: 0.14,
  strokeRadius: 0.045,
} as const;

/** Draws the icon: three chevrons, for three workers that are under way. */
export function drawIcon(size: number): Picture {
  const pixels = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size - 0.5;
      const y = (row + 0.5) / size - 0.5;
      const inside = coverage(boxDistance(x, y), size);
      const stroke = coverage(chevronsDistance(x, y), size);
      const color = BACKGROUND.map((from, i) => from + ((FOREGROUND[i] ?? 0) - from) * stroke);
      pixels.set([...color, inside * 255].map(Math.round), (row * size + column) * 4);
    }
  }
  return { size, pixels };
}

/** How much of a pixel a shape covers, from its middle's distance to the shape's edge. */
function coverage(distance: number, size: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance * size));
}

function boxDistance(x: number, y: number): number {
  const { halfSide, cornerRadius } = SHAPE;
  const dx = Math.abs(x) - halfSide + cornerRadius;
  const dy = Math.abs(y) - halfSide + cornerRadius;
  const outside = Math.hypot(Math.max(dx, 0), Math.max(dy, 0));
  return outside + Math.min(Math.max(dx, dy), 0) - cornerRadius;
}

function chevronsDistance(x: number, y: number): number {
  const { chevrons, chevronHeight, chevronWidth, strokeRadius } = SHAPE;
  const distances = chevrons.map((left) =>
    segmentDistance(x - left, Math.abs(y), chevronWidth, chevronHeight)
  );
  return Math.min(...distances) - strokeRadius;
}

/** Distance to the line from the tip at (`width`, 0) to the end at (0, `height`). */
function segmentDistance(x: number, y: number, width: number, height: number): number {
  const along = ((x - width) * -width + y * height) / (width * width + height * height);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - width + width * t, y - height * t);
}

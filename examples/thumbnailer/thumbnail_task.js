import { decodePng, encodePng } from "./png.js";

/** The work, which a thread does: the handler would hold up all clients with it. */
export default {
  name: "example.thumbnail",
  module: import.meta.url,
  deadlineMs: 10_000,

  /**
   * Makes an image smaller, if it is wider than wanted.
   *
   * @param {{ image: Uint8Array, width: number }} input A PNG.
   * @returns {{ image: Uint8Array, width: number, height: number }} A PNG.
   */
  run({ image, width }, context) {
    const scaled = scale(decodePng(image), width, context);
    const small = encodePng(scaled);
    context.handOver(small.buffer);
    return { image: small, width: scaled.width, height: scaled.height };
  },
};

/** Each pixel is the mean of those that it stands for. */
function scale(image, wanted, context) {
  const width = Math.min(wanted, image.width);
  const height = Math.max(1, Math.round(image.height * width / image.width));
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height && !context.cancelled; y++) {
    const [top, bottom] = span(y, height, image.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, width, image.width);
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            sum += image.pixels[(row * image.width + column) * 4 + channel];
          }
        }
        pixels[(y * width + x) * 4 + channel] = sum / ((bottom - top) * (right - left));
      }
    }
  }
  return { width, height, pixels };
}

function span(index, count, total) {
  const begin = Math.floor(index * total / count);
  return [begin, Math.max(begin + 1, Math.floor((index + 1) * total / count))];
}

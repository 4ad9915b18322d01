/** An image, row by row. */
interface Image {
  width: number;
  height: number;
  pixels: Uint8Array;
}

export function decodePng(bytes: Uint8Array): Image;
export function encodePng(image: Image): Uint8Array;

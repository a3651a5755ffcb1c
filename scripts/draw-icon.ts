// Draws icon.png for the extension: three companies' bars on one ground line. Run `tsx scripts/draw-icon.ts` after a change.
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

/** What Claude Desktop recommends. */
const SIZE = 512;
type Colour = readonly [number, number, number, number];
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly radius: number;
  readonly colour: Colour;
}

const white: Colour = [255, 255, 255, 255];
const boxes: readonly Box[] = [
  { left: 16, top: 16, right: 496, bottom: 496, radius: 96, colour: [0, 92, 110, 255] },
  { left: 112, top: 272, right: 184, bottom: 376, radius: 14, colour: [126, 217, 196, 255] },
  { left: 220, top: 208, right: 292, bottom: 376, radius: 14, colour: white },
  { left: 328, top: 128, right: 400, bottom: 376, radius: 14, colour: [255, 200, 87, 255] },
  { left: 96, top: 392, right: 416, bottom: 408, radius: 8, colour: white },
];

const transparent: Colour = [0, 0, 0, 0];
const colourAt = (x: number, y: number): Colour =>
  boxes.findLast((box) => contains(box, x + 0.5, y + 0.5))?.colour ?? transparent;

function contains({ left, top, right, bottom, radius }: Box, x: number, y: number): boolean {
  if (x < left || x > right || y < top || y > bottom) return false;
  const dx = Math.max(left + radius - x, 0, x - (right - radius));
  const dy = Math.max(top + radius - y, 0, y - (bottom - radius));
  return dx * dx + dy * dy <= radius * radius;
}

/** PNG (W3C, third edition): each row begins with its filter, 0 = none; each chunk ends with its CRC. */
function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
// 8 bits a channel, colour type 6 (RGBA); compression, filter and interlace methods stay 0.
header.set([8, 6], 8);
const rows = Array.from({ length: SIZE }, (_, y) => [
  0,
  ...Array.from({ length: SIZE }, (_, x) => colourAt(x, y)).flat(),
]);
const pixels = deflateSync(Buffer.from(rows.flat()), { level: 9 });
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
writeFileSync(
  new URL('../icon.png', import.meta.url),
  Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]),
);

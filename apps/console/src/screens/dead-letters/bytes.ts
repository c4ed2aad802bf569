import type { DeadLetterDetail } from '../../api/api';

/** The bytes of a message as they came. */
export function bytesOf(body: NonNullable<DeadLetterDetail['body']>): Uint8Array {
  return 'text' in body ? new TextEncoder().encode(body.text) : Uint8Array.from(atob(body.base64), (letter) => letter.charCodeAt(0));
}

/** As many bytes as a row has where there is room, and at 390 px. */
export const ROW = 16;
export const SHORT_ROW = 8;

export interface HexRow {
  offset: string;
  /** In groups of eight. */
  hex: string;
  text: string;
}

/** The first `most` bytes as rows. What is not a printable letter of ASCII is a dot. */
export function hexRows(bytes: Uint8Array, most: number, length = ROW): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += length) {
    const row = [...bytes.subarray(at, Math.min(at + length, most))];
    const pairs = Array.from({ length }, (_, index) => row[index]?.toString(16).padStart(2, '0') ?? '  ');
    const groups = Array.from({ length: length / 8 }, (_, index) => pairs.slice(index * 8, index * 8 + 8).join(' '));
    rows.push({
      offset: at.toString(16).padStart(4, '0'),
      hex: groups.join('  '),
      text: row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
    });
  }
  return rows;
}

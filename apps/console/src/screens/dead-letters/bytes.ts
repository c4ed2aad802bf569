import type { DeadLetterDetail } from '../../api/api';

/** The bytes of a message as they came. */
export function bytesOf(body: NonNullable<DeadLetterDetail['body']>): Uint8Array {
  return 'text' in body ? new TextEncoder().encode(body.text) : Uint8Array.from(atob(body.base64), (letter) => letter.charCodeAt(0));
}

const ROW = 16;

export interface HexRow {
  offset: string;
  /** Two groups of eight. */
  hex: string;
  text: string;
}

/** The first `most` bytes as rows of 16. What is not a printable letter of ASCII is a dot. */
export function hexRows(bytes: Uint8Array, most: number): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += ROW) {
    const row = [...bytes.subarray(at, Math.min(at + ROW, most))];
    const pairs = Array.from({ length: ROW }, (_, index) => row[index]?.toString(16).padStart(2, '0') ?? '  ');
    rows.push({
      offset: at.toString(16).padStart(4, '0'),
      hex: `${pairs.slice(0, 8).join(' ')}  ${pairs.slice(8).join(' ')}`,
      text: row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
    });
  }
  return rows;
}

/** What a file may be written in, besides UTF-8; each with the name that the Encoding Standard has for it. */
const DECODERS = {
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  latin1: 'windows-1252',
  'windows-1250': 'windows-1250',
  'windows-1251': 'windows-1251',
  'windows-1252': 'windows-1252',
  'windows-1253': 'windows-1253',
  'windows-1254': 'windows-1254',
  'windows-1257': 'windows-1257',
  'iso-8859-2': 'iso-8859-2',
  'iso-8859-15': 'iso-8859-15',
  'koi8-r': 'koi8-r',
  ibm866: 'ibm866',
  macintosh: 'macintosh',
  shift_jis: 'shift_jis',
  'euc-jp': 'euc-jp',
  gbk: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  'euc-kr': 'euc-kr',
} as const;

export type OtherEncoding = keyof typeof DECODERS;
export type Encoding = 'utf-8' | OtherEncoding;
export const ENCODINGS = ['utf-8', ...Object.keys(DECODERS)] as Encoding[];

/** The bytes 0x80 to 0x9f of Windows-1252 (WHATWG, index-windows-1252): Node 20 decodes them as if they were ISO 8859-1. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';
const LOST = Buffer.from('\ufffd');
/** A byte that UTF-8 never has: what cannot be decoded makes its row a bad one. */
const NO_UTF8 = 0xff;
const NEWLINE = 0x0a;

/** What the first bytes of a file say of its encoding, where they do. */
export function encodingByMark([first, second]: Buffer): Encoding | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** Decodes to the bytes of UTF-8, chunk by chunk. A byte order mark stays one. */
export class Decoder {
  readonly #name: string;
  readonly #decoder: InstanceType<typeof TextDecoder>;

  constructor(encoding: OtherEncoding) {
    this.#name = DECODERS[encoding];
    this.#decoder = new TextDecoder(this.#name, { ignoreBOM: true });
  }

  /** Without `chunk` what is left at the end of the file. */
  decode(chunk?: Buffer): Buffer {
    if (this.#name === 'windows-1252') return Buffer.from(windows1252(chunk ?? Buffer.alloc(0)));
    const bytes = Buffer.from(chunk ? this.#decoder.decode(chunk, { stream: true }) : this.#decoder.decode());
    for (let at = bytes.indexOf(LOST); at >= 0; at = bytes.indexOf(LOST, at + 1)) bytes[at] = NO_UTF8;
    return bytes;
  }

  /** Where in `chunk`, which begins at a whole unit of the encoding, the last line ends: what follows can be decoded by itself. -1 where none ends. */
  endOfLastLine(chunk: Buffer): number {
    if (!this.#name.startsWith('utf-16')) return chunk.lastIndexOf(NEWLINE);
    const [newline, high] = this.#name === 'utf-16le' ? [0, 1] : [1, 0];
    for (let at = chunk.length - 2 - (chunk.length % 2); at >= 0; at -= 2) if (chunk[at + newline] === NEWLINE && chunk[at + high] === 0) return at + 1;
    return -1;
  }
}

function windows1252(chunk: Buffer): string {
  return chunk.toString('latin1').replaceAll(/[\x80-\x9f]/g, (byte) => WINDOWS_1252.charAt(byte.charCodeAt(0) - 0x80));
}

/** Somewhere in a file: how many of its bytes are before that, and how many bytes of UTF-8 they make. */
export interface Place {
  source: number;
  decoded: number;
}

/** How far places that reading can go back to are apart. */
const BETWEEN_PLACES = 1024 ** 2;

/** The file's places at which decoding can begin anew, so that going back costs no second reading of all that is before. */
export class Places {
  readonly #places: Place[] = [{ source: 0, decoded: 0 }];

  /** The last one that is not behind `decoded`. */
  before(decoded: number): Place {
    return this.#places.findLast((place) => place.decoded <= decoded) ?? { source: 0, decoded: 0 };
  }

  add(place: Place): void {
    const last = this.#places.at(-1);
    if (last && place.source >= last.source + BETWEEN_PLACES) this.#places.push(place);
  }
}

/** The bytes of UTF-8 from `from` on; `chunks` are the file's from `start.source` on. */
export async function* decoding(chunks: AsyncIterable<Buffer>, encoding: OtherEncoding, places: Places, start: Place, from: number): AsyncGenerator<Buffer> {
  const decoder = new Decoder(encoding);
  let { source, decoded } = start;
  const next = (bytes: Buffer): Buffer => {
    const left = bytes.subarray(Math.min(Math.max(from - decoded, 0), bytes.length));
    decoded += bytes.length;
    return left;
  };
  // An odd byte of UTF-16 waits here, so that units begin where chunks do.
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const units = bytes.length - (bytes.length % 2);
    rest = bytes.subarray(units);
    const end = decoder.endOfLastLine(bytes.subarray(0, units)) + 1;
    if (end > 0) {
      yield next(decoder.decode(bytes.subarray(0, end)));
      places.add({ source: source + end, decoded });
    }
    yield next(decoder.decode(bytes.subarray(end, units)));
    source += units;
  }
  yield next(Buffer.concat([decoder.decode(rest), decoder.decode()]));
}

import { decoding, ENCODINGS, type OtherEncoding, Places } from './encodings.js';

async function decoded(bytes: Buffer, encoding: OtherEncoding, { chunk = bytes.length, from = 0, places = new Places() } = {}): Promise<Buffer> {
  const start = places.before(from);
  async function* chunks() {
    for (let at = start.source; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const parts: Buffer[] = [];
  for await (const part of decoding(chunks(), encoding, places, start, from)) parts.push(part);
  return Buffer.concat(parts);
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('a file in another encoding', () => {
  it.each<[OtherEncoding, Buffer, string]>([
    ['utf-16le', Buffer.from('a;ż\n😀;ऊ\n', 'utf16le'), 'a;ż\n😀;ऊ\n'],
    ['utf-16', Buffer.from('\ufeffa;ż', 'utf16le'), '\ufeffa;ż'],
    ['utf-16be', utf16be('a;ż\n😀;\u0a0a\n'), 'a;ż\n😀;\u0a0a\n'],
    ['windows-1252', Buffer.from([0x80, 0x93, 0xe9, 0x0a, 0x9f]), '€“é\nŸ'],
    ['latin1', Buffer.from([0xe9, 0x80]), 'é€'],
    ['windows-1250', Buffer.from([0xa3, 0xf3, 0x9f]), 'Łóź'],
    ['windows-1251', Buffer.from([0xcc, 0xee]), 'Мо'],
    ['iso-8859-15', Buffer.from([0xa4]), '€'],
    ['shift_jis', Buffer.from([0x93, 0x8c, 0x8b, 0x9e, 0x0a, 0x41]), '東京\nA'],
    ['gbk', Buffer.from([0xb1, 0xb1, 0xbe, 0xa9]), '北京'],
    ['euc-kr', Buffer.from([0xbc, 0xad, 0xbf, 0xef]), '서울'],
  ])('is read as what it means: %s, whatever the chunks are (D10)', async (encoding, bytes, text) => {
    for (let chunk = 1; chunk <= bytes.length; chunk++) expect((await decoded(bytes, encoding, { chunk })).toString()).toBe(text);
  });

  it('has a byte that is no UTF-8 where nothing can be decoded, so that its row is bad and not changed', async () => {
    expect(await decoded(Buffer.from([0x41, 0x82, 0xff, 0x0a, 0x42]), 'shift_jis')).toEqual(
      Buffer.from([0x41, 0xff, 0xbf, 0xbd, 0xff, 0xbf, 0xbd, 0x0a, 0x42]),
    );
    expect(await decoded(Buffer.from([0x41, 0x00, 0x00]), 'utf-16le')).toEqual(Buffer.from([0x41, 0xff, 0xbf, 0xbd]));
  });

  it.each<[OtherEncoding, (text: string) => Buffer]>([
    ['utf-16le', (text) => Buffer.from(text, 'utf16le')],
    ['utf-16be', utf16be],
    ['windows-1252', (text) => Buffer.from(text, 'latin1')],
  ])('can be read again from the middle without all that is before it: %s', async (encoding, encode) => {
    const text = Array.from({ length: 200_000 }, (_, line) => `é${line};ü\n`).join('');
    const bytes = encode(text);
    const places = new Places();
    const whole = await decoded(bytes, encoding, { chunk: 65_537, places });
    expect(whole.toString()).toBe(text);
    const from = whole.length - 1_001;
    expect(places.before(from).source).toBeGreaterThan(bytes.length - 3 * 1024 ** 2);
    expect(places.before(from).source).toBeGreaterThan(0);
    expect(await decoded(bytes, encoding, { chunk: 65_537, places, from })).toEqual(whole.subarray(from));
  });

  it('can be named by each of the names', () => {
    for (const name of ENCODINGS.filter((known) => known !== 'utf-8'))
      expect(() => decoding((async function* () {})(), name, new Places(), { source: 0, decoded: 0 }, 0)).not.toThrow();
  });
});

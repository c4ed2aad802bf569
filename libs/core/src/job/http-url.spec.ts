import { normalHttpUrl, readHttpUrl } from './http-url.js';

describe('a URL that a caller gives', () => {
  it.each([
    ['HTTP://Example.COM', 'http://example.com/'],
    ['https://example.com:443/a/../b', 'https://example.com/b'],
    ['http://bücher.example/ä?q=ö', 'http://xn--bcher-kva.example/%C3%A4?q=%C3%B6'],
    ['http://my_host.:8080/', 'http://my_host.:8080/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
  ])('is stored in its normal form: %s as %s (E23)', (text, normal) => {
    expect(normalHttpUrl(text)).toBe(normal);
  });

  it('is read the same however many were read before (it was refused once URL.canParse was compiled)', () => {
    const texts = ['http://bücher.example/ä?q=ö', 'http://a.example/', 'http://日本.example/'];
    const refused = Array.from({ length: 60_000 }, (_, n) => texts[n % texts.length] ?? '').filter((text) => 'fault' in readHttpUrl(text));
    expect(refused).toEqual([]);
  });

  it.each([
    'http://exa\tmple.com/',
    'http://example.com/\r\nx: y',
    'http://example.com/\u0000',
    'http://example.com/\u202e',
    'http://example.com/\ud800',
    '\u00a0http://example.com/',
    'http://example.com/ ',
    'http:example.com',
    'ftp://example.com/',
    'javascript:alert(1)',
    'example.com',
    'http://',
    '',
  ])('is refused as %j (E23)', (text) => {
    expect(readHttpUrl(text)).toEqual({ fault: expect.any(String) as string });
  });

  it('is refused when its normal form is too long (E23)', () => {
    expect(readHttpUrl(`http://example.com/${'ä'.repeat(500)}`)).toEqual({ fault: expect.stringContaining('2000') as string });
  });
});

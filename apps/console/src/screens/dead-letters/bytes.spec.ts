import { bytesOf, hexRows, SHORT_ROW } from './bytes';

test('bytes are shown sixteen in a row, in hexadecimal and as far as they can be read as text', () => {
  expect(hexRows(bytesOf({ text: '{"table":"demo_weather"}\n' }), 1_000)).toEqual([
    { offset: '0000', hex: '7b 22 74 61 62 6c 65 22  3a 22 64 65 6d 6f 5f 77', text: '{"table":"demo_w' },
    { offset: '0010', hex: '65 61 74 68 65 72 22 7d  0a                     ', text: 'eather"}.' },
  ]);
});

test('bytes that are no text are shown too, and no more than are wanted', () => {
  expect(bytesOf({ base64: '/wA=' })).toEqual(Uint8Array.of(0xff, 0));
  expect(hexRows(new Uint8Array(40), 20).map(({ text }) => text.length)).toEqual([16, 4]);
});

test('where there is little room a row has eight bytes, and the same text', () => {
  const bytes = bytesOf({ text: '{"table":"demo"}' });
  expect(hexRows(bytes, 1_000, SHORT_ROW)).toEqual([
    { offset: '0000', hex: '7b 22 74 61 62 6c 65 22', text: '{"table"' },
    { offset: '0008', hex: '3a 22 64 65 6d 6f 22 7d', text: ':"demo"}' },
  ]);
});

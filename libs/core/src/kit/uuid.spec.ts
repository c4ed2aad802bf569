import { isUuid, uuidv7 } from './uuid.js';

describe('uuidv7', () => {
  test('10,000 made in a row are unique and in ascending order', () => {
    const ids = Array.from({ length: 10_000 }, () => uuidv7());
    expect(new Set(ids).size).toBe(10_000);
    expect([...ids].sort()).toEqual(ids);
  });

  test('carries the time, version 7 and the RFC variant', () => {
    const future = Date.now() + 60_000;
    const id = uuidv7(future);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(future);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('goes on ascending when the clock is set back', () => {
    const before = uuidv7(Date.now() + 120_000);
    expect(uuidv7(1_000) > before).toBe(true);
  });

  test('10,000 of one millisecond stay in order: the counter runs over into the time', () => {
    const now = Date.now() + 180_000;
    const ids = Array.from({ length: 10_000 }, () => uuidv7(now));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(10_000);
  });
});

test.each([
  ['01890000-0000-7000-8000-000000000000', true],
  ['01890000-0000-7000-8000-00000000000A', true],
  ['01890000000070008000000000000000', false],
  ['01890000-0000-7000-8000-00000000000g', false],
  ['01890000-0000-7000-8000-000000000000 ', false],
])('%p is a UUID: %p', (text, is) => {
  expect(isUuid(text)).toBe(is);
});

import { publicPath, seenBelow } from './public-path.js';

afterEach(() => seenBelow(''));

test('paths are as they are where the gateway has no path of its own', () => {
  expect(publicPath('/jobs/1')).toBe('/jobs/1');
});

test('paths begin with that of PUBLIC_URL, whether it ends with a slash or not (E22)', () => {
  for (const path of ['/longhaul', '/longhaul/']) {
    seenBelow(path);
    expect(publicPath('/jobs/1')).toBe('/longhaul/jobs/1');
  }
  seenBelow('/');
  expect(publicPath('/jobs/1')).toBe('/jobs/1');
});

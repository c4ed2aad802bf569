import { prefersHtml } from './prefers-html.js';

test.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['text/html', true],
  ['TEXT/HTML; charset=utf-8 ; q=0.5', true],
  ['application/json, text/html;q=0.9', false],
  ['application/json;q=0.5, text/html', true],
  ['application/json, text/html', false],
  ['text/html;q=0', false],
  ['text/html;q=high', false],
  ['*/*', false],
  ['text/*', false],
  ['application/json', false],
  ['', false],
  [undefined, false],
])('a page is preferred to JSON by Accept: %s is %s (C36)', (accept, expected) => {
  expect(prefersHtml(accept)).toBe(expected);
});

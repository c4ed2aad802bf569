import { patternWords } from './pattern-words';

test.each([
  ['^[a-z_][a-z0-9_]{0,62}$', 'a to z, 0 to 9 and _, 1 to 63 characters, not a digit first'],
  ['^[A-Z]{3}$', 'A to Z, 3 characters'],
  ['^[a-z0-9][a-z0-9._-]{0,49}$', 'a to z, 0 to 9, ., _ and -, 1 to 50 characters, not . or _ or - first'],
  ['^[0-9]+$', '0 to 9'],
])('a pattern of classes is said in words: %s', (pattern, words) => {
  expect(patternWords(pattern)).toBe(words);
});

test.each(['^\\P{C}*$', '^[^a]$', '^a|b$', '[a-z]', '^[\\t ]$', '^(?:x)$'])('of another nothing is said: %s', (pattern) => {
  expect(patternWords(pattern)).toBe('');
});

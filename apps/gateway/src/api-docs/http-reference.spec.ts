import { readFileSync } from 'node:fs';
import { PROBLEMS, type ProblemCode, problemType } from '@app/contracts';

describe('the reference of the HTTP door', () => {
  test('lists every problem with its status and title, and no other', () => {
    const text = readFileSync(new URL('../../../../docs/reference/http.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (.*) \|$/gm)].map(([, type, status, title]) => `/problems/${type} ${status} ${title}`);
    const problems = (Object.keys(PROBLEMS) as ProblemCode[]).map((code) => `${problemType(code)} ${PROBLEMS[code].status} ${PROBLEMS[code].title}`);
    expect(rows).toEqual(problems);
  });
});

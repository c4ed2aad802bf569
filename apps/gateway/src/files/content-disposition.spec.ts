import { contentDisposition } from './content-disposition.js';

describe('Content-Disposition', () => {
  it('names a plain file plainly', () => {
    expect(contentDisposition('attachment', 'report 2026.csv')).toBe('attachment; filename="report 2026.csv"');
  });

  it('carries a name in any language', () => {
    expect(contentDisposition('inline', 'año €.csv')).toBe(`inline; filename="a?o ?.csv"; filename*=UTF-8''a%C3%B1o%20%E2%82%AC.csv`);
  });

  it('lets no name break out of its quotes', () => {
    const header = contentDisposition('attachment', 'a"; x="b\\%41*(1).csv');
    expect(header).toBe(`attachment; filename="a_; x=_b__41*(1).csv"; filename*=UTF-8''a%22%3B%20x%3D%22b%5C%2541%2A%281%29.csv`);
  });
});

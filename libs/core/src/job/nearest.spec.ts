import { nearest } from './nearest.js';

describe('the nearest name', () => {
  const kinds = ['report.render', 'csv.import', 'fanout.enrich'];

  test.each([
    ['report.rendr', 'report.render'],
    ['Report.Render', 'report.render'],
    ['reprot.render', 'report.render'],
    ['csv.imprt', 'csv.import'],
  ])('of %p is %p', (text, name) => {
    expect(nearest(text, kinds)).toBe(name);
  });

  test.each(['mail.send', 'x', ''])('there is none to %p', (text) => {
    expect(nearest(text, kinds)).toBeUndefined();
  });

  test('is the best of several, not the first that will do', () => {
    expect(nearest('job.test3', ['job.best1', 'job.test2'])).toBe('job.test2');
  });
});

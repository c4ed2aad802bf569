import { ManualClock } from '@app/core/testing';
import { ScrapeOfAll } from './scrape-of-all.js';

describe('a scrape of several processes', () => {
  function scraping(...processes: number[]) {
    const clock = new ManualClock();
    const scrapes = new ScrapeOfAll(clock);
    const answers: [number, string][][] = [];
    const id = scrapes.begin(processes, (texts) => void answers.push(texts));
    return { scrapes, clock, id, answers };
  }

  test('is answered when all have told, in their order', async () => {
    const { scrapes, clock, id, answers } = scraping(1, 2);
    scrapes.hear(id, 2, 'two');
    expect(answers).toEqual([]);
    scrapes.hear(id, 1, 'one');
    await clock.advance(10_000);
    expect(answers).toEqual([
      [
        [1, 'one'],
        [2, 'two'],
      ],
    ]);
  });

  test('does not wait for one that has ended, nor for long for one that does not answer', async () => {
    const { scrapes, clock, id, answers } = scraping(1, 2, 3);
    scrapes.hear(id, 1, 'one');
    scrapes.lose(2);
    expect(answers).toEqual([]);
    await clock.advance(2_000);
    expect(answers).toEqual([[[1, 'one']]]);
    scrapes.hear(id, 3, 'too late');
    expect(answers).toHaveLength(1);
  });

  test('leaves out who cannot read its state, and counts nobody twice', () => {
    const { scrapes, id, answers } = scraping(1, 2);
    scrapes.hear(id, 1, null);
    scrapes.hear(id, 1, 'again');
    scrapes.hear(id, 2, 'two');
    expect(answers).toEqual([[[2, 'two']]]);
  });
});

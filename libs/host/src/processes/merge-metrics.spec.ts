import { mergeMetrics } from './merge-metrics.js';

describe('the metrics of several processes', () => {
  test('are one text: each family once, each series with the process that it is of', () => {
    const text = (value: number) => `# HELP up Whether\n# TYPE up gauge\nup ${value}\n\n# HELP jobs Jobs\n# TYPE jobs counter\njobs{kind="a b"} ${value}\n`;
    const later = '# HELP only_here Of one\n# TYPE only_here gauge\nonly_here 7\n';
    expect(
      mergeMetrics([
        [1, text(1)],
        [2, text(2) + later],
      ]).split('\n'),
    ).toEqual([
      '# HELP up Whether',
      '# TYPE up gauge',
      'up{process="1"} 1',
      'up{process="2"} 2',
      '',
      '# HELP jobs Jobs',
      '# TYPE jobs counter',
      'jobs{process="1",kind="a b"} 1',
      'jobs{process="2",kind="a b"} 2',
      '',
      '# HELP only_here Of one',
      '# TYPE only_here gauge',
      'only_here{process="2"} 7',
      '',
    ]);
  });

  test('a value of a label may hold a brace, and a series no label at all', () => {
    expect(mergeMetrics([[3, '# TYPE requests counter\nrequests{route="/jobs/{id}"} 1\nrequests 2\n']])).toBe(
      '# TYPE requests counter\nrequests{process="3",route="/jobs/{id}"} 1\nrequests{process="3"} 2\n',
    );
  });
});

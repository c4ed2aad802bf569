import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { JobDetail } from '../../api/api';
import { useMay } from '../../api/rights';
import { Card } from '../../parts/parts';
import { importedBy } from '../../words/imported';
import { count } from '../../words/words';

/** What an import has made, and what is mostly done next. */
export function ImportedCard({ job }: { job: JobDetail }): JSX.Element | null {
  const may = useMay();
  const imported = importedBy(job);
  if (!imported) return null;
  const { table, rows, badRows, columns } = imported;
  return (
    <Card
      title={`${count(rows, 'row')} in table ${table}`}
      note={badRows === 0 ? 'every row was good' : `${count(badRows, 'bad row')} left out: which and why is in the file below`}
      ruled
      end={
        may('jobs:submit') && (
          <Link className="btn primary tiny" to="/submit" search={{ kind: 'report.aggregate', from: job.id }}>
            Build a report…
          </Link>
        )
      }
    >
      <ul className="pad row wrap columns" aria-label="Columns">
        {columns.map(({ name, type }) => (
          <li key={name} className="tag">
            {name} <span className="dim">{type}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

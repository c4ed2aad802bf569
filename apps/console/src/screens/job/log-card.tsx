import { type JSX, useState } from 'react';
import type { LogEvent } from '../../api/api';
import { writeExact } from '../../api/api';
import { Card } from '../../parts/parts';
import { count, exact, preciseClock } from '../../words/words';

const MOST = 500;

/** The lines that its handler has written, the newest at the end. */
export function LogCard({ logs, hasEnded }: { logs: readonly LogEvent[]; hasEnded: boolean }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? logs : logs.slice(-MOST);
  return (
    <Card title="Log" note={count(logs.length, 'line')} ruled>
      {logs.length === 0 ? (
        <p className="pad dim">
          {hasEnded ? 'Its handler wrote no line.' : 'No line yet.'} A handler writes one with <code>job.log(…)</code>.
        </p>
      ) : (
        <>
          {shown.length < logs.length && (
            <button type="button" className="link pad small" onClick={() => setWhole(true)}>
              Show the {count(logs.length - shown.length, 'line')} before
            </button>
          )}
          <ol className="logs" tabIndex={0} aria-label="Lines of the log">
            {shown.map(({ seq, at, level, message, fields }) => (
              <li key={seq} className={level === 'warn' ? 'warn' : undefined}>
                <time dateTime={at} title={exact(new Date(at))}>
                  {preciseClock(new Date(at))}
                </time>
                <span>
                  {message} <span className="dim">{fieldsOf(fields)}</span>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Card>
  );
}

function fieldsOf(fields: LogEvent['fields']): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : writeExact(value)}`)
    .join(' ');
}

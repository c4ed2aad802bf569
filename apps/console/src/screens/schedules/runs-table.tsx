import type { JSX } from 'react';
import type { ScheduleRun } from '../../api/api';
import { Time } from '../../parts/time';
import { ZONE } from '../../words/words';
import { wallClock } from './words';

/** The ticks to come, by the reader's clocks and by those of the schedule. `isPutOff`: its jobs come later than the ticks, by a part of its jitter. */
export function RunsTable({ runs, zone, isPutOff }: { runs: readonly ScheduleRun[]; zone: string | undefined; isPutOff: boolean }): JSX.Element {
  return (
    <table className="stack runs">
      <thead>
        <tr>
          <th scope="col">{zone === undefined ? 'Tick' : `In ${ZONE}`}</th>
          {zone !== undefined && <th scope="col">In {zone}</th>}
          {isPutOff && <th scope="col">Job made</th>}
          <th scope="col">
            <span className="unseen">Note</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map(({ tick, local, dueAt, note }) => (
          <tr key={tick}>
            <td data-l={zone === undefined ? undefined : ZONE}>
              <Time at={tick} />
            </td>
            {zone !== undefined && (
              <td data-l={zone} className="mid" title={local}>
                {wallClock(local)}
              </td>
            )}
            {isPutOff && (
              <td data-l="job made" className="mid">
                <Time at={dueAt} />
              </td>
            )}
            <td className="full wait note-of">{note}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

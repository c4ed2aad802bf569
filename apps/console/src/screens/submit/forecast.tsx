import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { DryRun } from '../../api/api';
import { Facts } from '../../parts/parts';
import { aboutClock, count, exact, number, shortId } from '../../words/words';
import { restsOn, sentenceOf } from '../../words/why';

/** What a submission would meet, as the dry run says it. */
export function Forecast({ run }: { run: DryRun }): JSX.Element {
  const { existing, queue, priority, reasons, limits, ahead, aheadIsExact, estimatedStart, confidence } = run;
  if (existing !== null)
    return (
      <p>
        Its key has{' '}
        <Link to="/jobs/$id" params={{ id: existing }} className="mono">
          {shortId(existing)}
        </Link>{' '}
        already: a submission would be answered with that job, and make none.
      </p>
    );
  const start = estimatedStart === null ? null : new Date(estimatedStart);
  return (
    <>
      <p className="why-words">{reasons.length === 0 ? 'It would go to a worker at once.' : reasons.map((reason) => sentenceOf(reason)).join(' ')}</p>
      <Facts
        facts={[
          ['Queue', queue],
          ['Priority', String(priority)],
          ['Before it', `${aheadIsExact ? '' : 'about '}${count(ahead, 'job')}`],
          start !== null && [
            'Starts about',
            <span key="s" title={exact(start)}>
              {aboutClock(start)}
              {confidence !== null && <span className="small mid">{restsOn(confidence)}</span>}
            </span>,
          ],
          ...limits.map(
            ({ limit, capacity, held }) => [`Limit ${limit}`, capacity === null ? 'a rate' : `${number(held)} of ${number(capacity)} run`] as const,
          ),
        ]}
      />
    </>
  );
}

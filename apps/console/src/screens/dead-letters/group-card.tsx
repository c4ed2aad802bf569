import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { LetterGroup } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { Time } from '../../parts/time';
import { count, number } from '../../words/words';
import { whatOf } from './causes';
import { Acknowledge, DiscardMany, RedriveMany, Reopen, type Told } from './letter-deeds';

/** A cause: what it is, whether somebody has it in hand, and what can be done with all of its letters. */
export function GroupCard({ group, onTold }: { group: LetterGroup; onTold: (told: Told) => void }): JSX.Element {
  const [deed, setDeed] = useState<'acknowledge' | 'reopen' | 'redrive' | 'discard' | null>(null);
  const mayAct = useMay()('dead-letters:redrive');
  const { letters, acknowledged, detail, firstSeenAt } = group;
  const filter = { group: group.group };
  const close = (): void => setDeed(null);
  return (
    <section className="card pad group" aria-label="The cause">
      <div>
        <h2>{detail}</h2>
        <p className="small mid">
          {whatOf(group)}. {count(letters, 'letter')} since <Time at={firstSeenAt} />
          {group.occurrences > letters && `, which came ${number(group.occurrences)} times`}.{' '}
          {letters > 1 && (
            <Link to="/dead-letters" search={{ view: 'all', group: group.group }}>
              List them
            </Link>
          )}
        </p>
      </div>
      {acknowledged && (
        <p className="note">
          <Icon name="check" />
          <span>
            Acknowledged <Time at={acknowledged.at} relative />
            {acknowledged.by !== null && ` by ${acknowledged.by}`}
            {acknowledged.reason !== null && `: ${acknowledged.reason}`}.{' '}
            {acknowledged.since === 0
              ? 'None has come since.'
              : `${count(acknowledged.since, 'letter')} ${acknowledged.since === 1 ? 'has' : 'have'} come since.`}
          </span>
        </p>
      )}
      {mayAct && (
        <div className="row acts-row">
          {letters > 1 && (
            <>
              <button type="button" className="btn" onClick={() => setDeed('redrive')}>
                <Icon name="redrive" />
                Redrive all {number(letters)}…
              </button>
              <button type="button" className="btn" onClick={() => setDeed('discard')}>
                Put all {number(letters)} away…
              </button>
            </>
          )}
          <button type="button" className="btn" onClick={() => setDeed(acknowledged ? 'reopen' : 'acknowledge')}>
            {acknowledged ? 'Open again…' : 'Acknowledge…'}
          </button>
        </div>
      )}
      {deed === 'redrive' && <RedriveMany choice={{ title: 'Redrive the letters of this cause', filter }} onDone={onTold} onClose={close} />}
      {deed === 'discard' && <DiscardMany choice={{ title: 'Put the letters of this cause away', filter }} onDone={onTold} onClose={close} />}
      {deed === 'acknowledge' && <Acknowledge group={group} onClose={close} />}
      {deed === 'reopen' && <Reopen group={group} onClose={close} />}
    </section>
  );
}

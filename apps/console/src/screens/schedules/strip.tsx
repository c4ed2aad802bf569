import type { JSX } from 'react';
import type { ScheduleTick } from '../../api/api';
import { Icon } from '../../parts/icon';
import { clock } from '../../words/words';
import { BECAME, stripWords } from './words';

/** The last ticks, the newest at the right: what became of each is told by its picture too, and by its title. */
export function Strip({ ticks }: { ticks: readonly ScheduleTick[] }): JSX.Element {
  return (
    <span className="strip" role="img" aria-label={stripWords(ticks)}>
      {[...ticks].reverse().map(({ tick, outcome, source, detail }) => {
        const { words, icon, tone } = BECAME[outcome];
        return (
          <i key={`${tick} ${source}`} className={tone} title={`${clock(new Date(tick))}: ${words}${detail === null ? '' : `: ${detail}`}`}>
            <Icon name={icon} />
          </i>
        );
      })}
    </span>
  );
}

/** The same in words, for a row of a table. */
export function BecameOf({ tick: { outcome, source, detail } }: { tick: ScheduleTick }): JSX.Element {
  const { words, icon, tone } = BECAME[outcome];
  return (
    <span className={`became ${tone}`}>
      <Icon name={icon} />
      <span>
        {words}
        {source !== 'tick' && `, by ${source === 'trigger' ? 'hand' : 'backfill'}`}
        {detail !== null && <span className="mid">: {detail}</span>}
      </span>
    </span>
  );
}

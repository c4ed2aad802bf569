import { Menu } from '@mantine/core';
import type { JSX } from 'react';
import type { JobState, JobView } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { listed, number } from '../../words/words';
import { type Act, ACTS, actsFor, MOST_CHOSEN } from './acts';
import { STATES } from './filters';

/** The acts on all that the filters let through: those that can be for jobs of the state that is chosen. */
export function ActsOnAll({ state, onAct }: { state: JobState | undefined; onAct: (act: Act) => void }): JSX.Element | null {
  const acts = actsFor(state, useMay());
  if (acts.length === 0) return null;
  return (
    <Menu position="bottom-end" width={264}>
      <Menu.Target>
        <button type="button" className="btn">
          Act on all that match
          <Icon name="down" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {acts.map((act) => (
          <Menu.Item key={act} onClick={() => onAct(act)}>
            {ACTS[act].verb} them{ACTS[act].end}…
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface BarProps {
  chosen: readonly JobView[];
  shown: number;
  isAll: boolean;
  onAct: (act: Act) => void;
  onAll: () => void;
  onClear: () => void;
}

/** Stands below the list while something is chosen: how much of what, and what can be done with it. */
export function SelectionBar({ chosen, shown, isAll, onAct, onAll, onClear }: BarProps): JSX.Element {
  const may = useMay();
  const states = STATES.flatMap((state) => {
    const jobs = chosen.filter((job) => job.state === state).length;
    return jobs === 0 ? [] : [`${number(jobs)} ${state}`];
  });
  const fits = (act: Act): number => chosen.filter(({ state }) => ACTS[act].states.includes(state)).length;
  const acts = actsFor(undefined, may);
  const [first, ...more] = [...acts.filter((act) => fits(act) > 0), ...acts.filter((act) => fits(act) === 0)];
  const tooMany = chosen.length > MOST_CHOSEN;
  return (
    <section className="selection" aria-label="Selection">
      <b className="nowrap">
        {number(chosen.length)} of {number(shown)} chosen
      </b>
      <span className="small mid states" role="status">
        {tooMany ? `That is more than ${number(MOST_CHOSEN)}: act on all that match in place of them.` : listed(states)}
      </span>
      <span className="grow" />
      {[first, ...more].map(
        (act, index) =>
          act && (
            <button
              key={act}
              type="button"
              className={`btn ${index === 0 && fits(act) > 0 ? 'primary' : ACTS[act].isRisk ? 'risk' : ''}`}
              disabled={tooMany || fits(act) === 0}
              title={fits(act) === 0 ? `None of them is ${ACTS[act].states.join(' or ')}` : undefined}
              onClick={() => onAct(act)}
            >
              {SHORT[act]}
              {fits(act) === 0 ? '' : ` ${number(fits(act))}`}…
            </button>
          ),
      )}
      {!isAll && (
        <button type="button" className="btn quiet" onClick={onAll}>
          Choose all {number(shown)}
        </button>
      )}
      <button type="button" className="btn quiet square" aria-label="Choose none" title="Choose none (Esc)" onClick={onClear}>
        <Icon name="close" />
      </button>
    </section>
  );
}

const SHORT: Readonly<Record<Act, string>> = { redrive: 'Redrive', cancel: 'Cancel', reprioritise: 'Priority of', move: 'Move', discard: 'Put away' };

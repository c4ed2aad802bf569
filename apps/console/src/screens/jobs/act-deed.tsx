import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import type { JobView, MatchingJobs } from '../../api/api';
import { useQueueNames } from '../../api/known';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { NoteFields, useNote } from '../../parts/note';
import { ErrorNote } from '../../parts/parts';
import { RateField } from '../../parts/rate-field';
import { Select } from '../../parts/select';
import { useSettled } from '../../parts/settled';
import { State } from '../../parts/state';
import { numberOr } from '../../words/typed';
import { count, number, shortId } from '../../words/words';
import { type Act, ACTS, type ActGiven, commandOf, startAct, tryAct, type Which } from './acts';
import { describe } from './filters';
import { says } from './says';

interface Props {
  act: Act;
  which: Which;
  onStarted: (job: JobView) => void;
  onClose: () => void;
}

const PRIORITIES = Array.from({ length: 10 }, (_, index) => String(9 - index)).map((one) => [one, `${one}${priorityWords(one)}`] as const);

/** An act on a selection, or on all that match: a dry run says how many it is for, and shows some. */
export function ActDeed({ act, which, onStarted, onClose }: Props): JSX.Element {
  const { does, verb, end, says: becomes, isRisk = false } = ACTS[act];
  const [rate, setRate] = useState('');
  const [priority, setPriority] = useState('9');
  const [queue, setQueue] = useState('');
  const note = useNote();
  const faults = useFaults();
  const own: ActGiven = { ...(act === 'move' && { queue: queue.trim() }), ...(act === 'reprioritise' && { priority: Number(priority) }) };
  const asked = useSettled(own);
  const isAsked = act !== 'move' || asked.queue !== '';
  const { data: found, error } = useQuery({
    queryKey: ['matching-jobs', act, which, asked],
    queryFn: ({ signal }) => tryAct(act, which, asked, signal),
    gcTime: 0,
    retry: false,
    enabled: isAsked,
  });
  const each = rate.trim();
  const given = { ...own, ...(each !== '' && { rate: numberOr(each) }), ...note.given };
  const size = found === undefined ? 'them' : number(found.matching);
  return (
    <Deed
      does={does}
      title={`${verb} ${'ids' in which ? count(which.ids.length, 'chosen job') : `all that match: ${describe(which.filter)}`}${end}`}
      button={`${verb} ${size}${end}`}
      risk={isRisk}
      disabled={found?.matching === 0 || (act === 'move' && own.queue === '')}
      command={commandOf(act, which, given)}
      act={() =>
        faults.while(async () => {
          note.keepName();
          onStarted(await startAct(act, which, given));
        })
      }
      onClose={onClose}
    >
      <p>{becomes}</p>
      {act === 'reprioritise' && <Select label="New priority" value={priority} values={PRIORITIES} onChange={setPriority} />}
      {act === 'move' && <QueueField value={queue} error={faults.of('/queue')} onChange={setQueue} />}
      <div aria-live="polite">
        {error ? <ErrorNote error={error} /> : isAsked ? <Found found={found} chosen={'ids' in which ? which.ids.length : undefined} act={act} /> : null}
      </div>
      {'filter' in which && <RateField inputMode="numeric" error={faults.of('/rate')} value={rate} onChange={setRate} />}
      <NoteFields note={note} shown="Kept in the audit" />
    </Deed>
  );
}

function priorityWords(priority: string): string {
  return priority === '9' ? ', the first' : priority === '0' ? ', the last' : priority === '4' ? ', as most jobs have' : '';
}

function QueueField({ value, error, onChange }: { value: string; error: string | undefined; onChange: (queue: string) => void }): JSX.Element {
  const known = useQueueNames();
  return (
    <>
      <TextInput
        label="New queue"
        description="One that is declared"
        list="queues-to-move-to"
        data-autofocus
        required
        error={error}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id="queues-to-move-to">
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

const SHOWN = 5;

function Found({ found, chosen, act }: { found: MatchingJobs | undefined; chosen: number | undefined; act: Act }): JSX.Element {
  if (found === undefined) return <p className="note">Dry run: counting what matches…</p>;
  const { matching, samples } = found;
  const stay = chosen === undefined ? 0 : chosen - matching;
  return (
    <div className="dry-run">
      <p>
        <b>Dry run:</b> {count(matching, 'job')} {matching === 1 ? 'matches' : 'match'} now.
        {stay > 0 && ` The other ${stay === 1 ? 'one stays as it is: it is' : `${number(stay)} stay as they are: they are`} ${WHY_NOT[act]}.`}
        {matching === 0 && chosen === undefined && ' There is nothing to do.'}
      </p>
      {samples.length > 0 && (
        <ul aria-label="Some of them">
          {samples.slice(0, SHOWN).map((job) => (
            <li key={job.id}>
              <State state={job.state} /> <b>{job.kind}</b> <span className="cut mid">{says(job)}</span> <span className="mono dim">{shortId(job.id)}</span>
            </li>
          ))}
          {matching > SHOWN && <li className="dim">and {number(matching - Math.min(SHOWN, samples.length))} more</li>}
        </ul>
      )}
    </div>
  );
}

const WHY_NOT: Readonly<Record<Act, string>> = {
  redrive: 'not failed',
  cancel: 'at an end, or asked to stop already',
  reprioritise: 'not waiting, or of that priority already',
  move: 'not waiting, or in that queue already',
  discard: 'not failed, or put away already',
};

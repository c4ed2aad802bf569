import { TextInput } from '@mantine/core';
import { type JSX, useState } from 'react';
import { api, type LimitDetail } from '../../api/api';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { localTime, useLocalTime } from '../../parts/local-time';
import { quoted } from '../../words/quoted';
import { aboutClock, count, number } from '../../words/words';
import { effectOf, limitWords } from './limits';

/** What is shown of limits is asked for anew. */
export async function seeLimits(name: string): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['limits'] }), queryClient.invalidateQueries({ queryKey: ['limit', name] })]);
}

interface Props {
  limit: LimitDetail;
  onClose: () => void;
}

const TWO_HOURS_MS = 7_200_000;
const QUARTER_MS = 900_000;

/** Another number of places, until a time. */
export function OverrideLimit({ limit, onClose }: Props): JSX.Element {
  const { name, capacity, concurrency } = limit;
  const [places, setPlaces] = useState(() => String(limit.override?.concurrency ?? capacity ?? ''));
  const [until, setUntil] = useLocalTime(() => new Date(Math.ceil((Date.now() + TWO_HOURS_MS) / QUARTER_MS) * QUARTER_MS));
  const faults = useFaults();
  const next = /^\d+$/.test(places) ? Number(places) : null;
  return (
    <Deed
      does="overrideLimit"
      title={`Override ${name} for a time`}
      button={until ? `Override until ${aboutClock(until)}` : 'Override'}
      command={`longhaul limits override ${quoted(name)} --concurrency ${places === '' ? '…' : places} --until ${until?.toISOString() ?? '…'}`}
      act={() =>
        faults.while(async () => {
          if (!until) throw new Error('Expected a time for the end of the override.');
          await api('POST /limits/{name}/override', { path: { name }, body: { concurrency: Number(places), until: until.toISOString() } });
          await seeLimits(name);
        })
      }
      onClose={onClose}
    >
      <div className="fields">
        <TextInput
          label={`At once${limit.per === null ? '' : `, for each ${limit.per.replace(/^tag:/, '')}`}`}
          description={capacity === null ? 'now without bound' : `now ${number(capacity)}`}
          error={faults.of('/concurrency')}
          inputMode="numeric"
          required
          withAsterisk={false}
          data-autofocus
          value={places}
          onChange={(event) => setPlaces(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="Until"
          description={`then ${concurrency === null ? 'without bound' : number(concurrency)} again, by itself`}
          error={faults.of('/until')}
          required
          withAsterisk={false}
          value={localTime(until)}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </div>
      {next !== null && next > 0 && <p>{effectOf(limit, next)}</p>}
    </Deed>
  );
}

export function EndOverride({ limit, onClose }: Props): JSX.Element {
  const { name, concurrency } = limit;
  return (
    <Deed
      does="endLimitOverride"
      title={`End the override of ${name}`}
      button="End it now"
      command={`longhaul limits override ${quoted(name)} --end`}
      act={async () => {
        await api('DELETE /limits/{name}/override', { path: { name } });
        await seeLimits(name);
      }}
      onClose={onClose}
    >
      <p>{effectOf(limit, concurrency)}</p>
    </Deed>
  );
}

export function DeleteLimit({ limit, onClose }: Props): JSX.Element {
  const { name, code, parked } = limit;
  return (
    <Deed
      does="deleteLimit"
      title={code ? `Back to ${name} as in code` : `Delete limit ${name}`}
      button={code ? 'Take the one in code' : `Delete ${name}`}
      risk
      command={`longhaul limits delete ${quoted(name)}`}
      act={async () => {
        await api('DELETE /limits/{name}', { path: { name } });
        await seeLimits(name);
      }}
      onClose={onClose}
    >
      <p>
        {code ? `The limit in code holds again: ${limitWords(code)}. ` : ''}
        {parked === 0
          ? 'No job waits for it now.'
          : `The ${count(parked, 'job')} that ${parked === 1 ? 'waits' : 'wait'} for it stop waiting for it at once, and start as workers have room${code ? ' and the one in code lets them' : ''}.`}
      </p>
    </Deed>
  );
}

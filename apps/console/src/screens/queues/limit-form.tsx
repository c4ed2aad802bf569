import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type LimitDetail, type LimitSettings } from '../../api/api';
import { kindsQuery, queuesQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { Check } from '../../parts/check';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { useSettled } from '../../parts/settled';
import { quoted } from '../../words/quoted';
import { count } from '../../words/words';
import { seeLimits } from './limit-deeds';
import { effectOf, jobsOf, limitFlags, matchWords, queryOf } from './limits';

type Field = 'name' | 'kind' | 'queue' | 'tag' | 'per' | 'concurrency' | 'rate' | 'burst';
type Typed = Record<Field, string> & { strict: boolean };

function typedOf(limit: LimitDetail | undefined): Typed {
  const text = (value: string | number | null | undefined): string => String(value ?? '');
  const { name, match, per, concurrency, rate, burst, strict } = limit ?? {};
  return {
    ...{ name: text(name), kind: text(match?.kind), queue: text(match?.queue), tag: text(match?.tag), per: text(per) },
    ...{ concurrency: text(concurrency), rate: text(rate), burst: text(burst), strict: strict ?? false },
  };
}

/** What is left empty is left out; a number that is none is sent as it is, for the API to say what it expects. */
function settingsOf({ kind, queue, tag, per, concurrency, rate, burst, strict }: Typed): LimitSettings {
  const given = <Fields extends Record<string, unknown>>(fields: Fields): Partial<Fields> =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) as Partial<Fields>;
  const whole = (text: string): number => (/^-?\d+$/.test(text) ? Number(text) : (text as unknown as number));
  return {
    match: given({ kind: kind.trim(), queue: queue.trim(), tag: tag.trim() }),
    ...given({ per: per.trim(), concurrency: whole(concurrency.trim()), rate: rate.trim(), burst: whole(burst.trim()) }),
    ...(strict ? { strict } : {}),
  };
}

/** Sets a limit, a new one or another in its place. */
export function LimitForm({ limit, names = [], onClose }: { limit?: LimitDetail; names?: readonly string[]; onClose: () => void }): JSX.Element {
  const [typed, setTyped] = useState(() => typedOf(limit));
  const faults = useFaults();
  const navigate = useNavigate();
  const kinds = useQuery(kindsQuery).data?.items.map(({ kind }) => kind) ?? [];
  const queues = useQuery(queuesQuery).data?.items.map((queue) => queue.name) ?? [];
  const settings = settingsOf(typed);
  const name = typed.name.trim();
  const field = (which: Field, pointer: string) => ({
    value: typed[which],
    error: faults.of(pointer),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [which]: value }));
    },
  });
  return (
    <Deed
      does="putLimit"
      title={limit ? `Change limit ${limit.name}` : 'Set a limit'}
      button={name === '' ? 'Set it' : `Set ${name}`}
      command={`longhaul limits set ${name === '' ? '…' : quoted(name)}${limitFlags(settings)}`}
      act={() =>
        faults.while(async () => {
          await api('PUT /limits/{name}', { path: { name }, body: settings });
          await seeLimits(name);
          await navigate({ to: '/queues', search: { limit: name } });
        })
      }
      onClose={onClose}
      wide
    >
      {!limit && <TextInput label="Name" data-autofocus required withAsterisk={false} placeholder="such as partner.call" {...field('name', '/name')} />}
      {!limit && names.includes(name) && <p className="note wait">There is a limit of that name: this one takes its place.</p>}
      <fieldset className="fields">
        <legend>Which jobs it is for: those that fit all that is named; without any, every job</legend>
        <TextInput label="Kind" list="limit-kinds" placeholder="such as partner.call, or partner.*" {...field('kind', '/match/kind')} />
        <TextInput label="Queue" list="limit-queues" placeholder="such as reports" {...field('queue', '/match/queue')} />
        <TextInput label="Tag" placeholder="such as vip, or tenant:*" {...field('tag', '/match/tag')} />
      </fieldset>
      <fieldset className="fields">
        <legend>What it allows</legend>
        <TextInput label="At once" inputMode="numeric" placeholder="such as 5" {...field('concurrency', '/concurrency')} />
        <TextInput label="Starts" placeholder="such as 10/s, 600/m" {...field('rate', '/rate')} />
        <TextInput label="Burst" inputMode="numeric" placeholder="1" {...field('burst', '/burst')} />
        <TextInput label="For each" list="limit-per" placeholder="such as tag:tenant" {...field('per', '/per')} />
      </fieldset>
      <Check
        label="Strict: no start comes later than the rate has allowed it. The kind needs a queue of its own."
        error={faults.of('/strict')}
        checked={typed.strict}
        onChange={(strict) => setTyped((before) => ({ ...before, strict }))}
      />
      <datalist
        id="limit-kinds"
        children={kinds.map((kind) => (
          <option key={kind} value={kind} />
        ))}
      />
      <datalist
        id="limit-queues"
        children={queues.map((queue) => (
          <option key={queue} value={queue} />
        ))}
      />
      <datalist
        id="limit-per"
        children={['kind', 'queue', 'tag:tenant'].map((per) => (
          <option key={per} value={per} />
        ))}
      />
      <Preview limit={limit} settings={settings} />
    </Deed>
  );
}

/** What it will do, by what runs and waits now. */
function Preview({ limit, settings }: { limit: LimitDetail | undefined; settings: LimitSettings }): JSX.Element {
  const { match, concurrency, per } = useSettled(settings);
  const isSameJobs = limit !== undefined && JSON.stringify(limit.match) === JSON.stringify(match) && limit.per === (per ?? null);
  const jobs = jobsOf(match);
  const running = useCount(isSameJobs ? undefined : jobs, ['running']);
  const waiting = useCount(isSameJobs ? undefined : jobs, ['queued', 'scheduled']);
  if (isSameJobs)
    return (
      <p aria-live="polite">
        {limit.override
          ? `The override holds until its end; then: ${effectOf({ ...limit, capacity: limit.concurrency }, concurrency ?? null)}`
          : effectOf(limit, concurrency ?? null)}
      </p>
    );
  return (
    <p aria-live="polite">
      It is for {matchWords(match)}
      {running !== undefined &&
        waiting !== undefined &&
        `: ${running} ${running === '1 job' ? 'runs' : 'run'} now, ${waiting} ${waiting === '1 job' ? 'waits' : 'wait'}`}
      . Those that run go on. Those that wait come under it within moments, by a job of its own, and so does each that is submitted from now on.
    </p>
  );
}

/** How many jobs fit now; undefined while that is not known. */
function useCount(jobs: ReturnType<typeof jobsOf>, state: ('running' | 'queued' | 'scheduled')[]): string | undefined {
  const mayRead = useMay()('jobs:read');
  const { data } = useQuery({
    queryKey: ['jobs-count', jobs, state],
    queryFn: ({ signal }) => api('GET /jobs', { query: { ...queryOf(jobs ?? {}), state, limit: 1, count: 'true' } }, signal),
    enabled: jobs !== undefined && mayRead,
  });
  if (data?.count === undefined) return undefined;
  const words = count(data.count, 'job');
  return data.countIsExact === false ? `more than ${words}` : words;
}

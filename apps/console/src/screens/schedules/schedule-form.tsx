import { Input, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, ApiError, type ScheduleDetail, type SchedulePreview } from '../../api/api';
import { kindsQuery } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { localTime, readLocalTime } from '../../parts/local-time';
import { Choice } from '../../parts/parts';
import { Select } from '../../parts/select';
import { useSettled } from '../../parts/settled';
import { quoted } from '../../words/quoted';
import { ZONE } from '../../words/words';
import { seeSchedules } from './queries';
import { RunsTable } from './runs-table';
import { putFlags, settingsOf, specOf, type Typed, typedOf } from './settings';
import { MISSED, otherZone, OVERLAPS } from './words';

type TextField = { [Name in keyof Typed]: string extends Typed[Name] ? Name : never }[keyof Typed];

const SHOWN_RUNS = 6;

/** Makes a schedule or changes one, with its next ticks while it is being typed. */
export function ScheduleForm({ schedule, onClose }: { schedule?: ScheduleDetail; onClose: () => void }): JSX.Element {
  const [typed, setTyped] = useState(() => typedOf(schedule));
  const faults = useFaults();
  const navigate = useNavigate();
  const kinds = useQuery(kindsQuery).data?.items.map(({ kind }) => kind) ?? [];
  const preview = usePreview(typed);
  const set = <Name extends keyof Typed>(name: Name, value: Typed[Name]): void => setTyped((before) => ({ ...before, [name]: value }));
  const faultOf = (pointer: string): string | undefined => faults.of(pointer) ?? preview.faultOf(pointer);
  const field = (name: TextField, pointer: string) => ({
    value: typed[name],
    error: faultOf(pointer),
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => set(name, event.currentTarget.value),
  });
  const moment = (name: TextField, pointer: string) => ({
    ...field(name, pointer),
    type: 'datetime-local',
    value: localTime(typed[name] === '' ? undefined : new Date(typed[name])),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set(name, readLocalTime(event.currentTarget.value)?.toISOString() ?? ''),
  });
  const id = typed.id.trim();
  return (
    <Deed
      does="putSchedule"
      title={schedule ? `Edit schedule ${schedule.id}` : 'Make a schedule'}
      button={schedule ? 'Change it' : id === '' ? 'Make it' : `Make ${id}`}
      command={`longhaul schedules put ${id === '' ? '…' : quoted(id)}${putFlags(typed, schedule ? String(schedule.revision) : 'none')}`}
      act={() =>
        faults.while(async () => {
          // Nothing is overwritten that somebody else has set meanwhile.
          const headers: Record<string, string> = schedule ? { 'if-match': `"${String(schedule.revision)}"` } : { 'if-none-match': '*' };
          await api('PUT /schedules/{id}', { path: { id }, body: settingsOf(typed), headers });
          await seeSchedules(id);
          await navigate({ to: '/schedules/$id', params: { id } });
        })
      }
      onClose={onClose}
      wide
    >
      <div className="fields">
        {!schedule && <TextInput label="Id" data-autofocus required withAsterisk={false} placeholder="such as nightly-report" {...field('id', '/id')} />}
        <TextInput label="Kind of its jobs" list="schedule-kinds" required withAsterisk={false} placeholder="such as csv.import" {...field('kind', '/kind')} />
        <TextInput label="Description" {...field('description', '/description')} />
      </div>
      <datalist
        id="schedule-kinds"
        children={kinds.map((kind) => (
          <option key={kind} value={kind} />
        ))}
      />
      <Choice
        label="Rhythm"
        value={typed.rhythm}
        values={[
          ['cron', 'By cron'],
          ['every', 'At intervals'],
          ['at', 'Once'],
        ]}
        onChange={(rhythm) => set('rhythm', rhythm)}
      />
      <div className="fields">
        {typed.rhythm === 'cron' && (
          <>
            <TextInput label="Pattern" description="minute, hour, day, month, weekday" required withAsterisk={false} {...field('cron', '/spec/cron')} />
            <TextInput label="Time zone" description={`yours is ${ZONE}`} list="zones" placeholder="UTC" {...field('timezone', '/spec/timezone')} />
            <datalist
              id="zones"
              children={ZONES.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            />
          </>
        )}
        {typed.rhythm === 'every' && (
          <>
            <TextInput label="Every" description="such as 30s, 15m, 6h" required withAsterisk={false} {...field('every', '/spec/every')} />
            <TextInput label="Counted from" description="when left out, from the beginning of 1970" {...moment('anchor', '/spec/anchor')} />
          </>
        )}
        {typed.rhythm === 'at' && <TextInput label="At" description={`in ${ZONE}`} required withAsterisk={false} {...moment('at', '/spec/at')} />}
      </div>
      <Preview preview={preview} typed={typed} />
      <JsonField label="Payload of its jobs" rows={4} {...field('payload', '/payload')} />
      <div className="fields">
        <Select label="While its last job has not ended" value={typed.overlap} values={OVERLAPS} onChange={(overlap) => set('overlap', overlap)} />
        <Select label="Ticks that no gateway was there for" value={typed.missed} values={MISSED} onChange={(missed) => set('missed', missed)} />
      </div>
      <details className="more" open={hasMore(typedOf(schedule))}>
        <summary>Bounds, jitter and options</summary>
        <div className="fields">
          <TextInput label="From" {...moment('startsAt', '/startsAt')} />
          <TextInput label="Until" {...moment('endsAt', '/endsAt')} />
          <TextInput label="Put off by up to" placeholder="such as 5m" {...field('jitter', '/jitter')} />
          <TextInput label="Make up for missed ticks of" placeholder="1d" {...field('missedWindow', '/missedWindow')} />
          <TextInput label="Pause after failures in a row" inputMode="numeric" placeholder="never" {...field('pauseAfterFailures', '/pauseAfterFailures')} />
          <div className="all">
            <JsonField
              label="Options of its jobs, as of a submission"
              rows={3}
              placeholder='such as {"queue": "reports", "priority": 5}'
              {...field('options', '/options')}
            />
          </div>
        </div>
      </details>
    </Deed>
  );
}

const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone')];

function hasMore({ startsAt, endsAt, jitter, missedWindow, pauseAfterFailures, options }: Typed): boolean {
  return [startsAt, endsAt, jitter, missedWindow, pauseAfterFailures, options].some((text) => text !== '');
}

function JsonField({
  label,
  error,
  ...field
}: {
  label: string;
  rows: number;
  value: string;
  placeholder?: string;
  error: string | undefined;
  onChange: (event: React.ChangeEvent<HTMLTextAreaElement>) => void;
}): JSX.Element {
  const id = label.replaceAll(/\W+/g, '-');
  return (
    <Input.Wrapper label={label} error={error} id={id}>
      <Input component="textarea" multiline id={id} classNames={{ input: 'mono json-in' }} spellCheck={false} {...field} />
    </Input.Wrapper>
  );
}

interface Previewed {
  data: SchedulePreview | undefined;
  error: Error | null;
  faultOf: (pointer: string) => string | undefined;
}

/** The next ticks of what has been typed so far, by the API: it knows patterns, zones and days without 02:30. */
function usePreview(typed: Typed): Previewed {
  const { startsAt, endsAt } = typed;
  const asked = useSettled({ spec: specOf(typed), count: SHOWN_RUNS, ...(startsAt !== '' && { startsAt }), ...(endsAt !== '' && { endsAt }) });
  const { data, error } = useQuery({
    queryKey: ['schedule-preview', asked],
    queryFn: ({ signal }) => api('POST /schedules/preview', { body: asked }, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const faults = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  return { data: error ? undefined : data, error, faultOf: (pointer) => faults.find((fault) => fault.pointer === pointer)?.detail };
}

function Preview({ preview: { data, error }, typed }: { preview: Previewed; typed: Typed }): JSX.Element {
  return (
    <section className="preview" aria-label="Next ticks" aria-live="polite">
      <h3>
        Next ticks, in {ZONE}
        {typed.jitter !== '' && ', each put off by a part of the jitter'}
      </h3>
      {error && (
        <p className="mid">{error instanceof ApiError && error.problem?.errors ? 'They are shown as soon as the field above is right.' : error.message}</p>
      )}
      {data &&
        (data.nextRuns.length === 0 ? <p className="mid">None comes.</p> : <RunsTable runs={data.nextRuns} zone={otherZone(specOf(typed))} isPutOff={false} />)}
    </section>
  );
}

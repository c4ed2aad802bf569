import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type ScheduleBackfilled, type ScheduleDetail } from '../../api/api';
import { useMay } from '../../api/rights';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { localTime, useLocalTime } from '../../parts/local-time';
import { NoteFields, useNote } from '../../parts/note';
import { ErrorNote } from '../../parts/parts';
import { useSettled } from '../../parts/settled';
import { quoted } from '../../words/quoted';
import { aboutClock, clock, count, number } from '../../words/words';
import { seeSchedules } from './queries';
import { ScheduleForm } from './schedule-form';
import { isInCode, MISSED } from './words';

type Name = 'trigger' | 'pause' | 'resume' | 'backfill' | 'edit' | 'delete';

export function ScheduleDeeds({ schedule }: { schedule: ScheduleDetail }): JSX.Element | null {
  const may = useMay();
  const [deed, setDeed] = useState<Name | null>(null);
  if (!may('schedules:write')) return null;
  const button = (name: Name, words: string, look = 'btn'): JSX.Element => (
    <button type="button" className={look} onClick={() => setDeed(name)}>
      {words}
    </button>
  );
  const props = { schedule, onClose: () => setDeed(null) };
  return (
    <>
      {button('trigger', 'Trigger…')}
      {button('backfill', 'Backfill…')}
      {/* Without its payload it cannot be written anew. */}
      {!isInCode(schedule) && may('jobs:payload') && button('edit', 'Edit…')}
      {schedule.paused ? button('resume', 'Resume…', 'btn primary') : button('pause', 'Pause…')}
      {!isInCode(schedule) && button('delete', 'Delete…', 'btn risk')}
      {deed === 'trigger' && <Trigger {...props} />}
      {deed === 'pause' && <Pause {...props} />}
      {deed === 'resume' && <Resume {...props} />}
      {deed === 'backfill' && <Backfill {...props} />}
      {deed === 'edit' && <ScheduleForm {...props} />}
      {deed === 'delete' && <Delete {...props} />}
    </>
  );
}

interface Props {
  schedule: ScheduleDetail;
  onClose: () => void;
}

function Trigger({ schedule: { id, kind, paused }, onClose }: Props): JSX.Element {
  return (
    <Deed
      does="triggerSchedule"
      title={`Trigger ${id}`}
      button="Make one job now"
      command={`longhaul schedules trigger ${quoted(id)}`}
      act={async () => {
        await api('POST /schedules/{id}/trigger', { path: { id } });
        await seeSchedules(id);
      }}
      onClose={onClose}
    >
      <p>
        It makes one job of {kind} now, outside of its rhythm, also while its last job runs. Its ticks go on as before{paused ? ', once it is resumed' : ''}.
      </p>
    </Deed>
  );
}

function Pause({ schedule: { id, nextRuns }, onClose }: Props): JSX.Element {
  const note = useNote();
  const next = nextRuns[0];
  return (
    <Deed
      does="pauseSchedule"
      title={`Pause schedule ${id}`}
      button={`Pause ${id}`}
      risk
      command={`longhaul schedules pause ${quoted(id)}${note.flags}`}
      act={async () => {
        note.keepName();
        await api('POST /schedules/{id}/pause', { path: { id }, body: note.given });
        await seeSchedules(id);
      }}
      onClose={onClose}
    >
      <p>It makes no more jobs before it is resumed{next ? `, the one at ${aboutClock(new Date(next.tick))} not either` : ''}. Jobs that it has made go on.</p>
      <NoteFields note={note} shown="Shown with the schedule" />
    </Deed>
  );
}

function Resume({ schedule: { id, missed, failures }, onClose }: Props): JSX.Element {
  return (
    <Deed
      does="resumeSchedule"
      title={`Resume schedule ${id}`}
      button={`Resume ${id}`}
      command={`longhaul schedules resume ${quoted(id)}`}
      act={async () => {
        await api('POST /schedules/{id}/resume', { path: { id } });
        await seeSchedules(id);
      }}
      onClose={onClose}
    >
      <p>
        It ticks again. For ticks that came meanwhile its rule holds. {MISSED.find(([rule]) => rule === missed)?.[1]}.
        {failures > 0 && ` Its ${count(failures, 'failure')} in a row ${failures === 1 ? 'is' : 'are'} forgotten.`}
      </p>
    </Deed>
  );
}

const DAY_MS = 86_400_000;

function Backfill({ schedule: { id }, onClose }: Props): JSX.Element {
  const [from, setFrom] = useLocalTime(() => new Date(new Date(Date.now() - DAY_MS).setHours(0, 0, 0, 0)));
  const [to, setTo] = useLocalTime(() => new Date(new Date().setHours(0, 0, 0, 0)));
  const bounds = { from: from?.toISOString() ?? '', to: to?.toISOString() ?? '' };
  const settled = useSettled(bounds, 500);
  const { data: counted, error } = useQuery({
    queryKey: ['backfill', id, settled],
    queryFn: ({ signal }) => api('POST /schedules/{id}/backfill', { path: { id }, body: { ...settled, dryRun: true } }, signal),
    enabled: settled.from !== '' && settled.to !== '',
    staleTime: 0,
  });
  const isCounted = counted !== undefined && settled.from === bounds.from && settled.to === bounds.to;
  return (
    <Deed
      does="backfillSchedule"
      title={`Backfill ${id}`}
      button={isCounted ? `Make ${count(counted.submitted, 'job')}` : 'Make the jobs'}
      command={`longhaul schedules backfill ${quoted(id)} --from ${bounds.from || '…'} --to ${bounds.to || '…'}`}
      act={async () => {
        const done = await api('POST /schedules/{id}/backfill', { path: { id }, body: bounds });
        void queryClient.invalidateQueries({ queryKey: ['backfill', id] });
        await seeSchedules(id);
        if (done.refused > 0)
          throw new Error(`${count(done.submitted, 'job')} made. ${count(done.refused, 'tick')} refused: ${done.detail ?? 'no reason is kept'}`);
      }}
      onClose={onClose}
    >
      <p>It makes a job for each tick of that time that has none, the oldest first, 10,000 at most. Its rule for overlap does not count.</p>
      <div className="fields">
        <TextInput
          type="datetime-local"
          label="From"
          description="the first tick is not before it"
          required
          withAsterisk={false}
          value={localTime(from)}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="To"
          description="the last tick is not after it, nor after now"
          required
          withAsterisk={false}
          value={localTime(to)}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </div>
      {error ? <ErrorNote error={error} /> : <p aria-live="polite">{isCounted ? countedWords(counted) : 'The ticks are being counted.'}</p>}
    </Deed>
  );
}

function countedWords({ ticks, submitted, skipped }: ScheduleBackfilled): string {
  if (ticks === 0) return 'There is no tick in that time.';
  return `${count(ticks, 'tick')} in that time: ${number(submitted)} would get a job, ${number(skipped)} ${skipped === 1 ? 'has' : 'have'} one already.`;
}

function Delete({ schedule: { id, nextRuns }, onClose }: Props): JSX.Element {
  const navigate = useNavigate();
  const next = nextRuns[0];
  return (
    <Deed
      does="deleteSchedule"
      title={`Delete schedule ${id}`}
      button={`Delete ${id}`}
      risk
      command={`longhaul schedules delete ${quoted(id)}`}
      act={async () => {
        await api('DELETE /schedules/{id}', { path: { id } });
        await navigate({ to: '/schedules' });
        queryClient.removeQueries({ queryKey: ['schedule', id] });
        await queryClient.invalidateQueries({ queryKey: ['schedules'] });
      }}
      onClose={onClose}
    >
      <p>
        {next ? `Its next tick, at ${clock(new Date(next.tick))}, does not come. ` : ''}Its jobs stay. What was written down of its ticks goes, and cannot be
        got back.
      </p>
    </Deed>
  );
}

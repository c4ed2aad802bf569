import { type JSX, useState } from 'react';
import { api, type JobDetail } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useMay } from '../../api/rights';
import { Deed } from '../../parts/deed';
import { Icon } from '../../parts/icon';
import { NoteFields, useNote } from '../../parts/note';
import { count } from '../../words/words';
import { MakeLink } from './link-deed';

/** What can be done with a job in its state. */
export function JobDeeds({ job }: { job: JobDetail }): JSX.Element {
  const [deed, setDeed] = useState<'cancel' | 'redrive' | 'link' | null>(null);
  const may = useMay();
  const mayControl = may('jobs:control');
  const close = (): void => setDeed(null);
  return (
    <>
      {may('jobs:share') && (
        <button type="button" className="btn" onClick={() => setDeed('link')}>
          Make a link for the one who waits…
        </button>
      )}
      {mayControl && job.links.redrive !== undefined && (
        <button type="button" className="btn primary" onClick={() => setDeed('redrive')}>
          <Icon name="redrive" />
          Redrive…
        </button>
      )}
      {mayControl && job.links.cancel !== undefined && !job.cancelRequested && (
        <button type="button" className="btn risk" onClick={() => setDeed('cancel')}>
          Cancel…
        </button>
      )}
      {deed === 'link' && <MakeLink job={job} onClose={close} />}
      {deed === 'redrive' && <Redrive job={job} onClose={close} />}
      {deed === 'cancel' && <Cancel job={job} onClose={close} />}
    </>
  );
}

async function seeAnew(id: string): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['job', id] }), queryClient.invalidateQueries({ queryKey: ['why', id] })]);
}

function Redrive({ job, onClose }: { job: JobDetail; onClose: () => void }): JSX.Element {
  const { id, maxAttempts, queue, error } = job;
  return (
    <Deed
      does="redriveJob"
      title="Redrive this job"
      button="Redrive it"
      command={`longhaul redrive ${id}`}
      act={async () => {
        await api('POST /jobs/{id}/redrive', { path: { id } });
        await seeAnew(id);
      }}
      onClose={onClose}
    >
      <p>
        It begins again with all {count(maxAttempts, 'attempt')}, at the end of queue <code>{queue}</code>. Steps that it has done are not done again.
      </p>
      {error && <p className="note wait">It failed with: {error.message}. If the cause has not gone, it fails again.</p>}
    </Deed>
  );
}

function Cancel({ job, onClose }: { job: JobDetail; onClose: () => void }): JSX.Element {
  const note = useNote();
  const { id, state } = job;
  return (
    <Deed
      does="cancelJob"
      title="Cancel this job"
      button={state === 'running' ? 'Ask it to stop' : 'Cancel it'}
      risk
      command={`longhaul cancel ${id}${note.flags}`}
      act={async () => {
        note.keepName();
        await api('POST /jobs/{id}/cancel', { path: { id }, body: note.given });
        await seeAnew(id);
      }}
      onClose={onClose}
    >
      <p>
        {state === 'running'
          ? 'Its handler is asked to stop. What it has committed stays. If it does not obey within its grace, the job ends without it.'
          : 'It has not begun, and never will. Its callers are told that it was cancelled.'}
      </p>
      <NoteFields note={note} shown="Shown with the job" />
    </Deed>
  );
}

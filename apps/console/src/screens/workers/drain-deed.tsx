import type { JSX } from 'react';
import { api, type WorkerView } from '../../api/api';
import { queryClient } from '../../api/queries';
import { WORKERS } from '../../live/stats';
import { Deed } from '../../parts/deed';
import { NoteFields, useNote } from '../../parts/note';
import { count } from '../../words/words';

export function DrainDeed({ worker: { id, name, runningCount, queues }, onClose }: { worker: WorkerView; onClose: () => void }): JSX.Element {
  const note = useNote();
  return (
    <Deed
      does="drainWorker"
      title={`Let worker ${name} end`}
      button={`Drain worker ${String(id)}`}
      risk
      command={`longhaul workers drain ${String(id)}${note.flags}`}
      act={async () => {
        note.keepName();
        await api('POST /workers/{id}/drain', { path: { id: String(id) }, body: note.given });
        await queryClient.invalidateQueries({ queryKey: WORKERS });
      }}
      onClose={onClose}
    >
      <p>
        Within a second it takes nothing new{queues.length === 0 ? '' : ` of ${queues.join(', ')}`}.{' '}
        {runningCount === 0
          ? 'It runs no job, and ends at once.'
          : `The ${count(runningCount, 'job')} that it runs may end within its DRAIN_SECONDS; what is left then goes to another worker, at no cost of an attempt.`}
      </p>
      <p className="note wait">This cannot be taken back. What has started the process, such as systemd or Kubernetes, may start it anew.</p>
      <NoteFields note={note} shown="Shown with the worker while it ends" />
    </Deed>
  );
}

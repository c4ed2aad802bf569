import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import { api, type WorkerList, type WorkerView } from '../../api/api';
import { queryClient, queuesQuery } from '../../api/queries';
import { WORKERS } from '../../live/stats';
import { Check } from '../../parts/check';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { NoteFields, useNote } from '../../parts/note';
import { Choice, ErrorNote, Loading } from '../../parts/parts';
import { listed } from '../../words/words';
import { deserted, previewOf, queuesWords } from './assignment';

type From = 'chosen' | 'configured';

/** Which queues a worker takes from while its process lasts, in place of what its variable says. */
export function AssignDeed({ worker, workers, onClose }: { worker: WorkerView; workers: readonly WorkerView[]; onClose: () => void }): JSX.Element {
  const { id, name, assigned, configuredQueues } = worker;
  const note = useNote();
  const faults = useFaults();
  const queues = useQuery(queuesQuery);
  const [from, setFrom] = useState<From>('chosen');
  const [changed, setChosen] = useState<readonly string[] | null>(null);
  const items = queues.data?.items ?? [];
  const now = assigned?.queues ?? worker.queues;
  const chosen = changed ?? (now.length === 0 ? items.map((queue) => queue.name) : now);
  const next = from === 'chosen' ? chosen : (configuredQueues ?? []);
  const isNone = from === 'chosen' && chosen.length === 0;
  const alone = isNone ? [] : deserted(worker, next, workers, items);
  const command = from === 'chosen' ? `assign ${String(id)} --queues ${chosen.join(',') || '…'}` : `unassign ${String(id)}`;
  const fault = faults.of('/queues') ?? chosen.map((_, place) => faults.of(`/queues/${String(place)}`)).find((detail) => detail !== undefined);
  return (
    <Deed
      does="assignQueues"
      title={`Queues of worker ${name}`}
      button={from === 'chosen' ? 'Assign these queues' : 'Give back its own'}
      command={`longhaul workers ${command}${note.flags}`}
      disabled={isNone}
      act={() =>
        faults.while(async () => {
          note.keepName();
          const told = await api('PUT /workers/{id}/queues', {
            path: { id: String(id) },
            body: { queues: from === 'chosen' ? [...chosen] : null, ...note.given },
          });
          queryClient.setQueryData<WorkerList>(WORKERS, (list) => list && { items: list.items.map((one) => (one.id === id ? { ...one, ...told } : one)) });
        })
      }
      onClose={onClose}
    >
      <Choice<From>
        label="Takes from"
        value={from}
        values={[
          ['chosen', 'Chosen queues'],
          ['configured', 'What it was started with'],
        ]}
        onChange={setFrom}
      />
      {queues.error && <ErrorNote error={queues.error} />}
      {queues.isPending && <Loading what="queues" />}
      {from === 'chosen' && (
        <fieldset className="worker-queues">
          <legend className="small dim">Queues</legend>
          {items.map((queue) => (
            <Check
              key={queue.name}
              label={queue.name}
              checked={chosen.includes(queue.name)}
              onChange={(isChosen) => setChosen(isChosen ? [...chosen, queue.name] : chosen.filter((one) => one !== queue.name))}
            />
          ))}
        </fieldset>
      )}
      {from === 'configured' && <p>Its WORKER_QUEUES says: {queuesWords(configuredQueues ?? [])}.</p>}
      {fault !== undefined && <p className="small bad">{fault}</p>}
      {isNone ? (
        <p>Choose one queue at least. To let it take nothing, drain it, or pause its queues.</p>
      ) : (
        <p>
          {previewOf(worker, next, items).join(' ')} It takes a second.{' '}
          {from === 'chosen' && 'This lasts as long as its process; one that starts anew takes from what its WORKER_QUEUES says.'}
        </p>
      )}
      {alone.length > 0 && <p className="note wait">No other worker takes {listed(alone)}: jobs wait there until one does.</p>}
      <NoteFields note={note} shown="Shown with the worker while it lasts" />
    </Deed>
  );
}

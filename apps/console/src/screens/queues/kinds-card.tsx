import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type KindView } from '../../api/api';
import { pauseWords } from '../../parts/note';
import { Card } from '../../parts/parts';
import { Switch } from '../../parts/switch';
import { Time } from '../../parts/time';
import { count, NONE, span } from '../../words/words';
import { PauseDeed } from './pause-deed';
import { tellKind } from './queues';

/** The kinds that this gateway knows: one can be paused while its queue goes on. */
export function KindsCard({ kinds, mayControl }: { kinds: readonly KindView[]; mayControl: boolean }): JSX.Element {
  const [pausing, setPausing] = useState<string | null>(null);
  const toPause = kinds.find(({ kind }) => kind === pausing);
  const paused = kinds.filter((kind) => kind.paused).length;
  return (
    <Card title="Kinds" note={`${count(kinds.length, 'kind')}${paused === 0 ? '' : `, ${String(paused)} paused`}. One can be paused while its queue goes on.`}>
      <div className="scroll">
        <table className="queues stack">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Queue</th>
              <th scope="col" className="num">
                Attempts
              </th>
              <th scope="col" className="num">
                Timeout
              </th>
              <th scope="col">Starts</th>
              <th scope="col">
                <span className="unseen">Why it is paused</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind.kind}>
                <td className="head">
                  <Link className="b" to="/jobs" search={{ kind: kind.kind }} title={kind.description}>
                    {kind.kind}
                  </Link>
                </td>
                <td data-l="queue">{kind.queue}</td>
                <td className="num" data-l="attempts">
                  {kind.maxAttempts}
                </td>
                <td className="num" data-l="timeout">
                  {kind.timeoutMs === null ? NONE : span(kind.timeoutMs)}
                </td>
                <td className="sw">
                  <Switch
                    on={!kind.paused}
                    label={`Jobs of kind ${kind.kind} start`}
                    words={['runs', 'paused']}
                    {...(mayControl && { onPress: () => setPausing(kind.kind) })}
                  />
                </td>
                <td className="full mid wraps">
                  {kind.paused && (
                    <>
                      since <Time at={kind.pausedAt} /> {pauseWords(kind)}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {toPause && <PauseKind kind={toPause} onClose={() => setPausing(null)} />}
    </Card>
  );
}

function PauseKind({ kind, onClose }: { kind: KindView; onClose: () => void }): JSX.Element {
  const path = { kind: kind.kind };
  return (
    <PauseDeed
      what="kind"
      name={kind.kind}
      paused={kind.paused ? kind : null}
      pause={async (body) => tellKind(await api('POST /kinds/{kind}/pause', { path, body }))}
      resume={async () => tellKind(await api('POST /kinds/{kind}/resume', { path }))}
      onClose={onClose}
    >
      {kind.paused
        ? `Its jobs that wait start again, in their turn of queue ${kind.queue}.`
        : `Its jobs are accepted and kept; from a second on none starts before it is resumed. Those that run go on to their end. Other kinds of queue ${kind.queue} go on.`}
    </PauseDeed>
  );
}

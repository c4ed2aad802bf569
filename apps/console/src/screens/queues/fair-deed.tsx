import { Input, TextInput } from '@mantine/core';
import { type JSX, useState } from 'react';
import { api, type QueueFairness } from '../../api/api';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { Choice } from '../../parts/parts';
import { quoted } from '../../words/quoted';
import { count } from '../../words/words';
import { type Queue, tellQueue } from './queues';

type By = 'off' | 'tag' | 'kind';

/** How a queue shares its workers. */
export function FairDeed({ queue: { name, fair, queued }, onClose }: { queue: Queue; onClose: () => void }): JSX.Element {
  const [by, setBy] = useState<By>(fair === null ? 'off' : fair.by === 'kind' ? 'kind' : 'tag');
  const [tag, setTag] = useState(fair?.by.startsWith('tag:') ? fair.by.slice('tag:'.length) : 'tenant');
  const [cost, setCost] = useState(fair?.cost ?? 'count');
  const [weights, setWeights] = useState(() =>
    Object.entries(fair?.weights ?? {})
      .map(([key, weight]) => `${key}=${String(weight)}`)
      .join('\n'),
  );
  const faults = useFaults();
  const read = readWeights(weights);
  const next: QueueFairness | null = by === 'off' ? null : { by: by === 'kind' ? 'kind' : `tag:${tag.trim()}`, cost, weights: read.weights };
  const keys = by === 'kind' ? 'kind' : tag.trim();
  return (
    <Deed
      does="changeQueue"
      title={`Order of queue ${name}`}
      button={by === 'off' ? 'First come, first served' : `Share by ${keys}`}
      command={`longhaul queues set ${quoted(name)} ${flagsOf(next)}`}
      act={() =>
        faults.while(async () => {
          if (read.wrong !== undefined) throw new Error(`Expected a weight such as acme=3 in each line, got: ${read.wrong}`);
          tellQueue(await api('PATCH /queues/{name}', { path: { name }, body: { fair: next } }));
        })
      }
      onClose={onClose}
    >
      <Choice
        label="Order"
        value={by}
        values={[
          ['off', 'First come'],
          ['tag', 'Share by a tag'],
          ['kind', 'Share by kind'],
        ]}
        onChange={setBy}
      />
      {by !== 'off' && (
        <>
          <div className="fields">
            {by === 'tag' && (
              <TextInput
                label="Tag"
                description="tenant is for tags such as tenant:acme"
                error={faults.of('/fair/by')}
                required
                withAsterisk={false}
                value={tag}
                onChange={(event) => setTag(event.currentTarget.value)}
              />
            )}
            <Input.Wrapper label="Each gets its share of" labelElement="div">
              <Choice
                label="Each gets its share of"
                value={cost}
                values={[
                  ['count', 'starts'],
                  ['time', 'worker time'],
                ]}
                onChange={setCost}
              />
            </Input.Wrapper>
          </div>
          <Input.Wrapper
            label="Weights"
            id="weights"
            description="One in a line, such as acme=3: it gets three times the share of the others"
            error={read.wrong ?? faults.of('/fair/weights')}
          >
            <Input component="textarea" id="weights" multiline rows={3} value={weights} onChange={(event) => setWeights(event.currentTarget.value)} />
          </Input.Wrapper>
        </>
      )}
      <p>
        {by === 'off'
          ? 'Jobs of one priority start in the order in which they came.'
          : `Each ${keys} gets its share, within a priority; one that floods the queue waits behind its own jobs only.`}{' '}
        {queued === 0 ? 'Nothing waits now.' : `The ${count(queued, 'job')} that ${queued === 1 ? 'waits is' : 'wait are'} put into this order at once.`}
      </p>
    </Deed>
  );
}

/** `wrong` is the first line that is no weight. Keys may hold an equals sign, numbers do not. */
function readWeights(text: string): { weights: Record<string, number>; wrong?: string } {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const found = lines.map((line) => /^\s*(.+?)\s*=\s*([\d.]+)\s*$/.exec(line));
  const wrong = lines.find((_, index) => !found[index]);
  const weights = Object.fromEntries(found.flatMap((one) => (one?.[1] !== undefined ? [[one[1], Number(one[2])]] : [])));
  return { weights, ...(wrong === undefined ? {} : { wrong }) };
}

function flagsOf(fair: QueueFairness | null): string {
  if (fair === null) return '--fair off';
  const weights = Object.entries(fair.weights ?? {}).map(([key, weight]) => ` --weight ${quoted(`${key}=${String(weight)}`)}`);
  return `--fair ${quoted(fair.by)}${fair.cost === 'time' ? ' --cost time' : ''}${weights.join('')}`;
}

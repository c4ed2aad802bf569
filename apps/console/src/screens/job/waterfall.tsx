import { type CSSProperties, type JSX, useState } from 'react';
import type { JobDetail } from '../../api/api';
import { Icon } from '../../parts/icon';
import { Card } from '../../parts/parts';
import { reasonWords } from '../../words/reason-words';
import { clock, count, duration } from '../../words/words';
import { axisOf, type Stage } from './life';
import './waterfall.css';

const LEGEND = [
  ['wait', 'waits'],
  ['ok', 'works, kept'],
  ['bad', 'failed'],
  ['lost', 'lost'],
  ['back', 'backoff'],
] as const;

/** The life of a job from left to right, a row for each stage. */
export function Waterfall({ stages, note }: { stages: readonly Stage[]; note: string }): JSX.Element {
  const [opened, setOpened] = useState<ReadonlySet<string> | null>(null);
  const lastError = stages.findLast(({ errorOf }) => errorOf)?.id;
  // What failed last is open, until somebody opens or closes one.
  const open = opened ?? new Set(lastError === undefined ? [] : [lastError]);
  const { from, span, step, ticks } = axisOf(stages);
  const percent = (ms: number): string => share((ms / span) * 100);
  return (
    <Card
      title="Its life"
      note={note}
      end={
        <span className="legend" aria-hidden="true">
          {LEGEND.map(([tone, word]) => (
            <span key={tone}>
              <i className={`bl ${tone}`} />
              {word}
            </span>
          ))}
        </span>
      }
    >
      <div className="wf" style={{ '--step': percent(step) } as CSSProperties}>
        <div className="ax" aria-hidden="true">
          <div />
          <div className="tr">
            <span style={{ left: 0, transform: 'none' }}>{clock(new Date(from))}</span>
            {ticks.map((tick) => (
              <span key={tick} style={{ left: percent(tick) }} className={(tick / step) % 2 === 1 ? 'odd' : undefined}>
                +{tickWords(tick)}
              </span>
            ))}
          </div>
        </div>
        <ol>
          {stages.map((stage) => (
            <Row
              key={stage.id}
              stage={stage}
              place={(at) => ((at - from) / span) * 100}
              isOpen={open.has(stage.id)}
              onOpen={() => setOpened(new Set(open.has(stage.id) ? [...open].filter((id) => id !== stage.id) : [...open, stage.id]))}
            />
          ))}
        </ol>
      </div>
    </Card>
  );
}

function tickWords(ms: number): string {
  if (ms < 1_000) return `${String(ms)} ms`;
  if (ms < 60_000) return `${String(ms / 1_000)} s`;
  return duration(ms).replace(/ 00 (s|min)$/, '');
}

const ICON_TONES: Partial<Record<Stage['tone'], string>> = { ok: 'ok', bad: 'bad', wait: 'wait', plan: 'plan', back: 'plan', run: 'run', lost: 'wait' };
const LONGEST_LABEL = 90;

interface RowProps {
  stage: Stage;
  /** Where a time and how wide a span is, on the axis. */
  place: (at: number) => number;
  isOpen: boolean;
  onOpen: () => void;
}

function Row({ stage, place, isOpen, onOpen }: RowProps): JSX.Element {
  const { icon, name, note, tone, errorOf, steps, start, end } = stage;
  const [left, right] = [place(start), place(end)];
  const isPin = end === start;
  // Where there is room: beside the bar, at its left for what ends late, in it where it is wide.
  const side = right <= 62 ? 'after' : left > 30 ? 'left' : 'inside';
  const label = stage.label.length > LONGEST_LABEL ? `${stage.label.slice(0, LONGEST_LABEL - 1)}…` : stage.label;
  return (
    <li className={steps.length > 0 ? 'ln tall' : 'ln'}>
      <div className="nm">
        <Icon name={icon} className={`i ${ICON_TONES[tone] ?? 'dim'}`} />
        <div className="cut">
          {name}
          <small title={note}>{note}</small>
        </div>
      </div>
      <div className="tr">
        <i
          className={isPin ? `pin ${tone}` : `bl ${tone}${stage.isOpen ? ' open' : ''}`}
          style={{ left: share(left), ...(isPin ? {} : { width: share(right - left) }) }}
        />
        <span className={`lb ${side}`} style={labelPlace(side, left, right)}>
          {errorOf ? (
            <button type="button" className="link bad cut" aria-expanded={isOpen} onClick={onOpen}>
              {label}
            </button>
          ) : (
            label
          )}
        </span>
        {steps.map((step) => (
          <span
            key={step.name}
            className="sp"
            style={{ left: share(place(step.start)), width: share(place(step.end) - place(step.start)) }}
            title={`${step.name}, ${duration(step.end - step.start)}`}
          >
            {step.name} {duration(step.end - step.start)}
          </span>
        ))}
      </div>
      {errorOf && isOpen && <AttemptError error={errorOf} />}
    </li>
  );
}

function labelPlace(side: 'after' | 'left' | 'inside', left: number, right: number): CSSProperties {
  if (side === 'left') return { right: share(100 - left), maxWidth: share(left) };
  return side === 'inside' ? { left: share(left), maxWidth: share(right - left) } : { left: share(right), maxWidth: share(100 - right) };
}

function share(percent: number): string {
  return `${percent.toFixed(3)}%`;
}

/** The reason with its stack: frames of our own code first in weight, those of libraries are counted. */
function AttemptError({ error: { name, code, message, stack, cause } }: { error: JobDetail['errors'][number] }): JSX.Element {
  const frames = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  const isForeign = (frame: string): boolean => /node_modules|node:/.test(frame);
  const own = frames.filter((frame) => !isForeign(frame));
  const foreign = frames.length - own.length;
  return (
    <div className="more">
      <div className="row wrap">
        <b className="bad">
          {name}: {message}
        </b>
        <span className="grow" />
        <span className="small mid">{reasonWords(code)}</span>
      </div>
      {cause && (
        <p className="small mid">
          caused by {cause.name}: {cause.message}
        </p>
      )}
      {frames.length > 0 && (
        <pre>
          {own.map((frame, index) => (index === 0 ? <b key={frame}>{`${frame}\n`}</b> : `${frame}\n`))}
          {foreign > 0 && <span className="dim">{`and ${count(foreign, 'frame')} of libraries`}</span>}
        </pre>
      )}
    </div>
  );
}

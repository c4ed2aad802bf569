import { useComputedColorScheme } from '@mantine/core';
import { type JSX, useEffect, useEffectEvent, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { Card } from './parts';
import './chart.css';

export type ChartTone = 'ok' | 'run' | 'wait' | 'plan' | 'bad' | 'off';

export interface Series {
  name: string;
  /** One for each time; null where there is none. */
  values: readonly (number | null)[];
  tone: ChartTone;
  /** Lines differ by dash as well as by colour. */
  dash?: readonly number[];
}

interface Props {
  title: string;
  note: string;
  /** The value now, with its unit, at the right of the title. */
  now: { value: string; unit: string };
  /** In seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  format: (value: number) => string;
  /** The chart as a sentence, for those who cannot see it. */
  sentence: string;
}

const HEIGHT = 168;
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const TABLE_ROWS = 30;

/** A chart in the course of time: lines are named beside it, zero is always there, and a table has the same figures. */
export function Chart({ title, note, now, times, series, format, sentence }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  // Colours are read from the tokens, so a change of scheme draws anew; so does a series that comes or goes.
  const shape = series.map(({ name, tone }) => `${name} ${tone}`).join(', ');
  const plot = useRef<UPlot | null>(null);
  const draw = useEffectEvent((box: HTMLElement) => new UPlot(optionsOf(box, series, format), dataOf(times, series), box));
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const made = draw(box);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }));
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [scheme, shape]);
  useEffect(() => plot.current?.setData(dataOf(times, series)), [times, series]);
  return (
    <Card
      title={title}
      note={note}
      end={
        <span className="chart-now">
          <b>{now.value}</b> <span className="dim">{now.unit}</span>
        </span>
      }
    >
      <div className="chart">
        <div ref={place} role="img" aria-label={sentence} />
        <ul className="chart-names">
          {series.map(({ name, tone, values, dash }) => (
            <li key={name}>
              <svg width="20" height="8" aria-hidden="true">
                <line x1="0" x2="20" y1="4" y2="4" stroke={`var(--${tone}-bar)`} strokeWidth="3" strokeDasharray={dash?.join(' ')} />
              </svg>
              <b>{name}</b>{' '}
              {shown(
                values.findLast((value) => value !== null),
                format,
              )}
            </li>
          ))}
        </ul>
        <details>
          <summary className="small">As a table</summary>
          <div className="chart-table" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  {series.map(({ name }) => (
                    <th key={name} scope="col" className="num">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {times
                  .map((time, index) => (
                    <tr key={time}>
                      <td>{CLOCK.format(new Date(time * 1_000))}</td>
                      {series.map(({ name, values }) => (
                        <td key={name} className="num">
                          {shown(values[index], format)}
                        </td>
                      ))}
                    </tr>
                  ))
                  .slice(-TABLE_ROWS)
                  .toReversed()}
              </tbody>
            </table>
          </div>
        </details>
      </div>
    </Card>
  );
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}

function dataOf(times: readonly number[], series: readonly Series[]): UPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])];
}

function optionsOf(box: HTMLElement, series: readonly Series[], format: (value: number) => string): UPlot.Options {
  const style = getComputedStyle(box);
  const colour = (name: string): string => {
    const probe = document.createElement('i');
    probe.style.color = `var(--${name})`;
    box.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const [ink, grid] = [colour('text-3'), colour('line')];
  const axis = { stroke: ink, font: `11px ${style.fontFamily}`, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [12, 8, 0, 0],
    scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
    axes: [
      { ...axis, grid: { show: false }, space: 64, size: 28, values: (_, ticks) => ticks.map((tick) => CLOCK.format(new Date(tick * 1_000))) },
      { ...axis, grid: { stroke: grid, width: 1 }, space: 40, size: 56, values: (_, ticks) => ticks.map((tick) => format(tick)) },
    ],
    series: [
      {},
      ...series.map(({ tone, dash }): UPlot.Series => ({
        stroke: colour(`${tone}-bar`),
        width: 1.75,
        points: { show: false },
        spanGaps: false,
        ...(dash ? { dash: [...dash] } : {}),
      })),
    ],
  };
}

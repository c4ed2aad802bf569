import type { JSX } from 'react';

const line = (d: string): JSX.Element => <path d={d} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />;
const hole = (d: string): JSX.Element => <path d={d} fill="none" stroke="var(--surface)" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" />;

/** Each state has an outline of its own: it is told apart without its colour. */
const ICONS = {
  scheduled: line('M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 0 1 0-12.5M8 4.5V8l2.4 1.6'),
  queued: (
    <path
      d="M1 8a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M6.25 8a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M11.5 8a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0"
      fill="currentColor"
    />
  ),
  running: <path d="M4 2.6v10.8a.6.6 0 0 0 .92.5l8.4-5.4a.6.6 0 0 0 0-1L4.92 2.1A.6.6 0 0 0 4 2.6z" fill="currentColor" />,
  succeeded: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      {hole('M4.8 8.2l2.2 2.2 4.2-4.6')}
    </>
  ),
  failed: (
    <>
      <path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" fill="currentColor" />
      {hole('M5.6 5.6l4.8 4.8m0-4.8l-4.8 4.8')}
    </>
  ),
  cancelled: line('M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 0 1 0-12.5M3.8 12.2l8.4-8.4'),
  warn: (
    <>
      <path d="M8 1.2l7.2 13H.8z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
      {hole('M8 6v3.6M8 12v.01')}
    </>
  ),
  now: line('M1.5 8.5h3l2-5.5 3 10 2-4.5h3'),
  jobs: line('M2 3.5h12M2 8h12M2 12.5h8'),
  dead: line('M2 9l2-6.5h8L14 9v4.5H2zM2 9h3.5l1 2h3l1-2H14'),
  queues: line('M2 2.5v11M5.5 4v8M9 2.5v11M12.5 4v8'),
  workers: line('M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z'),
  schedules: line('M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 1.5v3M10.5 1.5v3'),
  webhooks: line('M9 2.5h4.5V7M13.5 2.5L7 9M11.5 9.5v4h-9v-9h4'),
  plus: line('M8 2.5v11M2.5 8h11'),
  audit: line('M3.5 1.5h6l3 3v10h-9zM5.5 7h5M5.5 10h5'),
  settings: line('M2 5h6M12 5h2M2 11h2M8 11h6M10 3v4M6 9v4'),
  search: line('M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.5 10.5l3.5 3.5'),
  copy: line('M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3'),
  close: line('M4 4l8 8M12 4l-8 8'),
  down: line('M4 6.5l4 4 4-4'),
  right: line('M6.5 4l4 4-4 4'),
  left: line('M9.5 4l-4 4 4 4'),
  up: line('M8 13V3.5M4 7l4-4 4 4'),
  menu: line('M2 4h12M2 8h12M2 12h12'),
  file: line('M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3'),
  download: line('M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11'),
  redrive: line('M13 8a5 5 0 1 1-1.6-3.7M13.2 1.8v3h-3'),
  mail: line('M1.5 3.5h13v9h-13zM1.5 4l6.5 5 6.5-5'),
  check: line('M3 8.5l3.2 3L13 4.5'),
  step: line('M3 3v10M3 8h8M8 5l3 3-3 3'),
  sun: line('M8 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1'),
  moon: line('M13 9.5A5.5 5.5 0 1 1 6.5 3a4.5 4.5 0 0 0 6.5 6.5z'),
  screen: line('M2 3h12v8H2zM6 14h4'),
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof ICONS;

/** A picture beside a word: screen readers skip it. A button with nothing but an icon has an `aria-label`. */
export function Icon({ name, className }: { name: IconName; className?: string }): JSX.Element {
  return (
    <svg className={className === undefined ? 'i' : `i ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      {ICONS[name]}
    </svg>
  );
}

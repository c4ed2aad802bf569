import type { JSX } from 'react';
import type { JobState } from '../api/api';
import { Icon } from './icon';

/** A state in a line of text: icon and word. */
export function State({ state, word = state }: { state: JobState; word?: string }): JSX.Element {
  return (
    <span className={`st ${state}`}>
      <Icon name={state} />
      {word}
    </span>
  );
}

/** The same on its ground, beside a title. */
export function StateBadge({ state, word = state }: { state: JobState; word?: string }): JSX.Element {
  return (
    <span className={`badge ${state}`}>
      <Icon name={state} />
      {word}
    </span>
  );
}

import type { JSX } from 'react';

/** Whether something is on, and the way to change that: pressed, it asks first. `onPress` is left out where the reader may not. */
export function Switch({
  on,
  label,
  words,
  onPress,
}: {
  on: boolean;
  label: string;
  words: readonly [on: string, off: string];
  onPress?: () => void;
}): JSX.Element {
  return (
    <span className="row">
      {onPress && <button type="button" role="switch" className="switch" aria-checked={on} aria-label={label} onClick={onPress} />}
      <span className={on ? 'small mid' : 'small b wait'}>{words[on ? 0 : 1]}</span>
    </span>
  );
}

import { type JSX, useState } from 'react';
import { readExact, writeExact } from '../api/exact';

/**
 * JSON as text. What is typed stays as it is typed while it says the value; a value that has come from elsewhere is written anew. `undefined` is an
 * empty text.
 */
export function JsonText({
  value,
  onChange,
  label,
  labelledBy,
  invalid = false,
  least = 3,
  most = 24,
}: {
  value: unknown;
  onChange: (value: unknown) => void;
  label?: string;
  labelledBy?: string;
  invalid?: boolean;
  /** Lines. */
  least?: number;
  most?: number;
}): JSX.Element {
  const [typed, setTyped] = useState<{ text: string; of: unknown; fault?: string }>({ text: '', of: Symbol('nothing') });
  const text = typed.of === value ? typed.text : value === undefined ? '' : writeExact(value, 2);
  const fault = typed.of === value ? typed.fault : undefined;
  const take = (next: string): void => {
    try {
      const parsed = next.trim() === '' ? undefined : readExact(next);
      setTyped({ text: next, of: parsed });
      onChange(parsed);
    } catch (error) {
      setTyped({ text: next, of: value, fault: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <>
      <textarea
        className={invalid || fault !== undefined ? 'in code-in bad' : 'in code-in'}
        aria-label={label}
        aria-labelledby={labelledBy}
        aria-invalid={invalid || fault !== undefined}
        spellCheck={false}
        rows={Math.max(least, Math.min(most, text.split('\n').length + 1))}
        value={text}
        onChange={(event) => take(event.currentTarget.value)}
      />
      {fault !== undefined && (
        <p className="h bad" role="alert">
          This is no JSON yet, so the form keeps what it had: {fault}
        </p>
      )}
    </>
  );
}

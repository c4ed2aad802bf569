import type { JSX } from 'react';

export function Check({
  label,
  error,
  checked,
  onChange,
}: {
  label: string;
  error?: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
}): JSX.Element {
  return (
    <div>
      <label className="check">
        <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
        {label}
      </label>
      {error !== undefined && <p className="small bad">{error}</p>}
    </div>
  );
}

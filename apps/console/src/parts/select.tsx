import { NativeSelect } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from './icon';

/** One of a few, by the browser's own list. */
export function Select<Value extends string>({
  label,
  description,
  error,
  value,
  values,
  onChange,
}: {
  label: string;
  description?: string;
  error?: string | undefined;
  value: Value;
  values: readonly (readonly [value: Value, words: string])[];
  onChange: (value: Value) => void;
}): JSX.Element {
  return (
    <NativeSelect
      label={label}
      description={description}
      error={error}
      value={value}
      data={values.map(([one, words]) => ({ value: one, label: words }))}
      rightSection={<Icon name="down" />}
      onChange={(event) => onChange(event.currentTarget.value as Value)}
    />
  );
}

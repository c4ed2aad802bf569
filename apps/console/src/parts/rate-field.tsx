import { TextInput } from '@mantine/core';
import type { JSX, ReactNode } from 'react';

interface RateFieldProps {
  value: string;
  error: ReactNode;
  /** `decimal` where less than one a second can be asked for. */
  inputMode: 'numeric' | 'decimal';
  onChange: (value: string) => void;
}

/** How fast an act on many goes. */
export function RateField({ onChange, ...field }: RateFieldProps): JSX.Element {
  return (
    <TextInput
      label="At most so many a second"
      description="Left empty, as fast as it goes"
      onChange={(event) => onChange(event.currentTarget.value)}
      {...field}
    />
  );
}

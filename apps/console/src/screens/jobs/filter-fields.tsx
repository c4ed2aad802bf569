import { useKindNames, useQueueNames } from '../../api/known';
import type { FilterField } from '../../parts/filter-bar';
import { State } from '../../parts/state';
import { type JobFilters, STATES } from './filters';

/** In the order in which they are offered. */
export const FIELDS: readonly FilterField<keyof JobFilters>[] = [
  { name: 'state', label: 'State', choices: STATES.map((state) => [state, <State key={state} state={state} />] as const) },
  { name: 'kind', label: 'Kind', hint: 'such as csv.import', useKnown: useKindNames },
  { name: 'queue', label: 'Queue', hint: 'such as default', useKnown: useQueueNames },
  { name: 'tag', label: 'Tag', hint: 'such as customer-17' },
  { name: 'error', label: 'Error', hint: 'a part of it, such as ECONNREFUSED' },
  { name: 'payload', label: 'Payload', hint: 'such as {"customer":7}, with a kind' },
  { name: 'schedule', label: 'Schedule', hint: 'such as nightly-report' },
  { name: 'idempotencyKey', label: 'Key', hint: 'such as order-4711' },
  { name: 'createdFrom', label: 'Created since', hint: 'such as 2026-01-31' },
  { name: 'createdTo', label: 'Created before', hint: 'such as 2026-02-01' },
  { name: 'finishedFrom', label: 'Ended since', hint: 'such as 2026-01-31' },
  { name: 'finishedTo', label: 'Ended before', hint: 'such as 2026-02-01' },
];

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
];

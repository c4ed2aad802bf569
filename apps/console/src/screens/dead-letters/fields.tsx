import { useKindNames, useQueueNames } from '../../api/known';
import type { FilterField } from '../../parts/filter-bar';
import type { LettersSearch } from './search';

type Name = 'source' | 'state' | 'kind' | 'queue' | 'reason' | 'group';

const OTHERS: readonly FilterField<Name>[] = [
  { name: 'kind', label: 'Kind', hint: 'such as csv.import', useKnown: useKindNames },
  { name: 'queue', label: 'Queue', hint: 'such as default', useKnown: useQueueNames },
  { name: 'reason', label: 'Reason', hint: 'such as unknown_kind' },
];
const SOURCE: FilterField<Name> = { name: 'source', label: 'Of', choices: [['job', 'jobs that failed'], ['message', 'messages']] }; // prettier-ignore

/** What the list can be restricted by: causes by whether somebody has them in hand, letters by their cause. */
export function fieldsOf({ view }: LettersSearch): readonly FilterField<Name>[] {
  return view === 'all'
    ? [SOURCE, ...OTHERS, { name: 'group', label: 'Cause', hint: 'such as 9f2c4a1e07b35d68' }]
    : [SOURCE, { name: 'state', label: 'Causes', choices: [['open', 'that nobody has in hand'], ['acknowledged', 'that somebody knows of']] }, ...OTHERS]; // prettier-ignore
}

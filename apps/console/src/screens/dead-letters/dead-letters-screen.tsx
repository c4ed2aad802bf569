import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { LetterGroup, LetterGroupList } from '../../api/api';
import { useMay } from '../../api/rights';
import { FilterBar } from '../../parts/filter-bar';
import { Icon } from '../../parts/icon';
import { Card, Choice, Command, Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { count, number, shortId } from '../../words/words';
import { AllLetters } from './all-letters';
import { Causes } from './causes';
import { fieldsOf } from './fields';
import { GroupCard } from './group-card';
import { LetterCard } from './letter-card';
import { DiscardMany, RedriveMany, type Told } from './letter-deeds';
import { itemsOf, Pager } from './pager';
import { groupsQuery, HOURS, lettersQuery, useToldLetters } from './queries';
import { filtersOf, type LettersSearch, readSearch, without } from './search';
import './dead-letters.css';

const deadLettersRoute = getRouteApi('/dead-letters');

export function DeadLettersScreen(): JSX.Element {
  const search = deadLettersRoute.useSearch();
  const navigate = useNavigate();
  const [told, setTold] = useState<Told | null>(null);
  const groups = useQuery({ ...groupsQuery(search), placeholderData: keepPreviousData });
  const away = useToldLetters(search);
  const go = (next: LettersSearch): void => void navigate({ to: '/dead-letters', search: readSearch({ ...next }), resetScroll: false });
  const { data: list } = groups;
  const title = list ? titleOf(list, search) : 'Dead letters';
  const isOpened = search.letter !== undefined || (search.view !== 'all' && search.group !== undefined);
  return (
    <Screen title={title} crumb="Dead letters">
      <div className="row wrap screen-head">
        <h1>{title}</h1>
        <span className="grow" />
        <Choice
          label="Shown"
          value={search.view ?? 'causes'}
          values={[
            ['causes', 'By cause'],
            ['all', 'All letters'],
          ]}
          onChange={(view) => go({ ...filtersOf(search), ...(view === 'all' ? { view } : {}) })}
        />
      </div>
      <div className="row wrap">
        <FilterBar
          fields={fieldsOf(search)}
          filters={search}
          onChange={(filters) => go(without(readSearch(filters), 'letter', 'tab', ...(search.view === 'all' ? [] : ['group' as const])))}
        />
      </div>
      {told && <ToldNote told={told} onClose={() => setTold(null)} />}
      {groups.error && <ErrorNote error={groups.error} retry={() => void groups.refetch()} />}
      {away && <p className="note wait">{away.message}</p>}
      {groups.isPending && <Loading what="the dead letters" />}
      {list &&
        (search.view === 'all' ? (
          <ByLetter search={search} isOpened={isOpened} go={go} />
        ) : list.groups === 0 && !isOpened ? (
          <Nothing list={list} search={search} />
        ) : (
          <ByCause list={list} search={search} isOpened={isOpened} go={go} onTold={setTold} />
        ))}
    </Screen>
  );
}

function titleOf({ letters, groups, ungrouped }: LetterGroupList, search: LettersSearch): string {
  if (search.view === 'all') return 'All dead letters, newest first';
  if (groups === 0) return ungrouped > 0 ? `${count(ungrouped, 'dead letter')}, sorted by cause in a moment` : 'No dead letters';
  return `${count(letters, 'dead letter')}, ${count(groups, 'cause')}`;
}

interface Props {
  search: LettersSearch;
  isOpened: boolean;
  go: (next: LettersSearch) => void;
}

function ByCause({ list, search, isOpened, go, onTold }: Props & { list: LetterGroupList; onTold: (told: Told) => void }): JSX.Element {
  const opened = search.group === undefined && search.letter === undefined ? list.items[0] : list.items.find(({ group }) => group === search.group);
  const letter = search.letter ?? opened?.sampleId;
  return (
    <div className={isOpened ? 'split opened' : 'split'}>
      <div className="list">
        <Card
          title="Causes"
          note={`drawn: ${String(HOURS)} h`}
          ruled
          end={
            <Choice
              small
              label="Order"
              value={search.sort ?? 'most'}
              values={[
                ['most', 'Most'],
                ['newest', 'Newest'],
              ]}
              onChange={(sort) => go({ ...without(search, 'sort'), ...(sort === 'newest' ? { sort } : {}) })}
            />
          }
        >
          {list.groups === 0 ? (
            <p className="dim pad">No other cause{Object.keys(filtersOf(search)).length > 0 && ' fits these filters'}.</p>
          ) : (
            <Causes list={list} search={search} opened={opened?.group} />
          )}
          {list.ungrouped > 0 && <p className="small dim pad">{count(list.ungrouped, 'letter')} of an older version will be sorted by cause within minutes.</p>}
          <AllThatMatch list={list} search={search} onTold={onTold} />
        </Card>
      </div>
      <div className="detail-side">
        <Back search={search} go={go} what="All causes" />
        {opened && <GroupCard key={opened.group} group={opened} onTold={onTold} />}
        {letter === undefined ? (
          <section className="card">
            <Empty icon="dead" title="This cause has no letters any more.">
              <p>They were put back, put away, or removed after their retention.</p>
            </Empty>
          </section>
        ) : (
          <LetterOf search={search} group={opened} letter={letter} go={go} />
        )}
      </div>
    </div>
  );
}

function LetterOf({ search, group, letter, go }: { search: LettersSearch; group: LetterGroup | undefined; letter: string; go: Props['go'] }): JSX.Element {
  const here = { ...search, ...(group && { group: group.group }), letter };
  return (
    <LetterCard
      id={letter}
      tab={search.tab}
      onTab={(tab) => go({ ...here, tab })}
      said={group?.detail}
      keep={() => go(here)}
      pager={group && <Pager search={{ group: group.group }} letter={letter} total={group.letters} go={(next) => go({ ...here, letter: next })} />}
    />
  );
}

function ByLetter({ search, isOpened, go }: Props): JSX.Element {
  const list = useInfiniteQuery(lettersQuery(search));
  const letters = itemsOf(list.data);
  const letter = search.letter ?? letters[0]?.id;
  if (list.error) return <ErrorNote error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Loading what="the letters" />;
  if (letters.length === 0 && !list.hasNextPage && letter === undefined)
    return (
      <section className="card">
        <Empty icon="dead" title="No letter fits.">
          <p>Nothing was given up, or it was removed after its retention.</p>
        </Empty>
      </section>
    );
  return (
    <div className={isOpened ? 'split opened' : 'split'}>
      <div className="list">
        <Card title="Letters" note="also those put back and put away" ruled>
          <AllLetters letters={letters} search={search} opened={letter} more={list} />
        </Card>
      </div>
      <div className="detail-side">
        <Back search={search} go={go} what="All letters" />
        {letter !== undefined && <LetterCard id={letter} tab={search.tab} onTab={(tab) => go({ ...search, tab })} keep={() => go({ ...search, letter })} />}
      </div>
    </div>
  );
}

/** On a narrow page one thing is shown at a time. */
function Back({ search, go, what }: { search: LettersSearch; go: Props['go']; what: string }): JSX.Element {
  return (
    <button type="button" className="btn back" onClick={() => go(without(search, 'letter', 'tab', ...(search.view === 'all' ? [] : ['group' as const])))}>
      <Icon name="left" />
      {what}
    </button>
  );
}

/** Acts on all that the filters let through. Whether somebody knows of a cause is no condition of the API's acts. */
function AllThatMatch({ list, search, onTold }: { list: LetterGroupList; search: LettersSearch; onTold: (told: Told) => void }): JSX.Element | null {
  const [deed, setDeed] = useState<'redrive' | 'discard' | null>(null);
  const mayAct = useMay()('dead-letters:redrive');
  if (!mayAct || list.groups < 2 || search.state !== undefined) return null;
  const filter = filtersOf(search);
  const all = Object.keys(filter).length > 0 ? 'all that match' : 'all dead letters';
  const close = (): void => setDeed(null);
  return (
    <div className="row wrap pad acts-end">
      <span className="small mid">All {number(list.letters)}:</span>
      <button type="button" className="btn tiny" onClick={() => setDeed('redrive')}>
        Redrive…
      </button>
      <button type="button" className="btn tiny" onClick={() => setDeed('discard')}>
        Put away…
      </button>
      {deed === 'redrive' && <RedriveMany choice={{ title: `Redrive ${all}`, filter }} onDone={onTold} onClose={close} />}
      {deed === 'discard' && <DiscardMany choice={{ title: `Put ${all} away`, filter }} onDone={onTold} onClose={close} />}
    </div>
  );
}

const MOST_TOLD = 10;

function ToldNote({ told: { text, refused = [], job }, onClose }: { told: Told; onClose: () => void }): JSX.Element {
  return (
    <div className={refused.length > 0 ? 'note wait' : 'note ok'} role="status">
      <Icon name={refused.length > 0 ? 'warn' : 'check'} />
      <div className="grow">
        {text} {refused.length > 0 && `${count(refused.length, 'letter')} ${refused.length === 1 ? 'stays' : 'stay'}:`}
        {job !== undefined && (
          <Link to="/jobs/$id" params={{ id: job }}>
            See how far it is
          </Link>
        )}
        {refused.length > 0 && (
          <ul>
            {refused.slice(0, MOST_TOLD).map(({ id, detail }) => (
              <li key={id}>
                <span className="mono">{shortId(id)}</span> {detail}
              </li>
            ))}
            {refused.length > MOST_TOLD && <li>and {count(refused.length - MOST_TOLD, 'more', 'more')}</li>}
          </ul>
        )}
      </div>
      <button type="button" className="btn tiny quiet square" aria-label="Close this note" onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function Nothing({ list, search }: { list: LetterGroupList; search: LettersSearch }): JSX.Element {
  const isFiltered = Object.keys(filtersOf(search)).length > 0 || search.state !== undefined;
  return (
    <section className="card">
      <Empty icon="dead" title={isFiltered ? 'No cause fits these filters.' : list.ungrouped > 0 ? 'The causes are being found.' : 'Nothing was given up.'}>
        {isFiltered ? (
          <Link className="btn" to="/dead-letters" search={{}}>
            Show all causes
          </Link>
        ) : (
          <>
            <p>
              Jobs that have failed for good are kept here until somebody looks at them, and so are messages that could not become a job. One call gives an
              example:
            </p>
            <Command text={'longhaul submit debug.fail \'{"message":"the bank is closed","retryable":false}\''} />
          </>
        )}
      </Empty>
    </section>
  );
}

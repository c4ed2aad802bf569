import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { LetterGroup, LetterGroupList } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Refusal, type Sees } from '@app/core';
import { Store } from '@app/host';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { LIMIT, TENANT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { readNote } from '../http/pause-note.js';
import { QueryReader } from '../jobs/list-query.js';
import { groupsView, groupView } from './dead-letter-view.js';
import { DEFAULT_HOURS, DescribedGroups, GROUP_PARAMETERS, readGroupFilter } from './read-groups.js';
import { ofSeen, SeenBy, ViewedBy, type Viewer } from '../rights/tenant.js';

const GROUP = /^[0-9a-f]{16}$/;

/** The causes of dead letters. */
@ApiTags('dead letters')
@Controller('dead-letters/groups')
export class LetterGroupsController {
  constructor(
    private readonly store: Store,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listLetterGroups',
    summary: 'The causes of what was given up, each with how many letters it has and when they came',
    description:
      "Failed jobs are of one cause when kind, reason, class of the error and the first frame of the project's own code are the same; messages when reason and producer are. " +
      'What was put back or discarded is not counted. `GET /dead-letters?group=…` has the letters of one.',
  })
  @DescribedGroups()
  @ApiQuery(TENANT)
  @ApiQuery({ ...LIMIT, description: 'How many groups are answered at most' })
  @ApiResponse({ status: 200, type: wire.LetterGroupList, description: 'The groups' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() { sees }: Viewer): Promise<LetterGroupList> {
    const filter = { ...readGroupFilter(new QueryReader(query, GROUP_PARAMETERS)), ...ofSeen(sees) };
    return groupsView(await this.lists.take(() => this.store.deadLetters.groups(filter)));
  }

  @Post(':group/acknowledge')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'acknowledgeLetterGroup',
    summary: 'Tell others that somebody knows of a cause',
    description: 'Nothing becomes of its letters. Again, it takes the place of what was said before.',
  })
  @ApiBody({ type: wire.LetterNote, required: false, examples: { note: { value: { reason: 'the bank has a new format', by: 'ann' } } } })
  @ApiResponse({ status: 200, type: wire.LetterGroup, description: 'The group' })
  async acknowledge(@Param('group') group: string, @Body() body: unknown, @SeenBy() sees: Sees): Promise<LetterGroup> {
    const note = readNote(body);
    if (!GROUP.test(group) || !(await this.store.deadLetters.acknowledge(group, note, sees))) throw noSuchGroup(group);
    return this.group(group, sees);
  }

  @Post(':group/reopen')
  @HttpCode(200)
  @ApiOperation({ operationId: 'reopenLetterGroup', summary: 'Take that back', description: 'Of a group that is open it changes nothing.' })
  @ApiResponse({ status: 200, type: wire.LetterGroup, description: 'The group' })
  async reopen(@Param('group') group: string, @SeenBy() sees: Sees): Promise<LetterGroup> {
    if (!GROUP.test(group)) throw noSuchGroup(group);
    await this.store.deadLetters.reopen(group, sees);
    return this.group(group, sees);
  }

  private async group(group: string, sees: Sees): Promise<LetterGroup> {
    const { items } = await this.store.deadLetters.groups({ ...ofSeen(sees), group, sort: 'most', hours: DEFAULT_HOURS, limit: 1 });
    if (!items[0]) throw noSuchGroup(group);
    return groupView(items[0]);
  }
}

function noSuchGroup(group: string): Refusal {
  return new Refusal('not_found', `there is no group ${JSON.stringify(group.slice(0, 100))} of dead letters that wait`);
}

import { ApiQuery, ApiTags } from '@app/contracts/schemas';
import type { LettersNow } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Store, withoutUndefined } from '@app/host';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMIT, TENANT } from '../api-docs/parameters.js';
import { LookDoor } from '../events/look-door.js';
import { DescribedLook } from '../events/look-docs.js';
import { ListTurns } from '../http/list-turns.js';
import { QueryReader } from '../jobs/list-query.js';
import { ofSeen, ViewedBy, type Viewer } from '../rights/tenant.js';
import { deadLetterView, groupsView } from './dead-letter-view.js';
import { DescribedGroups, GROUP_PARAMETERS, readGroupFilter } from './read-groups.js';

/** As many letters as are told beside the causes. */
const NEWEST = 50;

@ApiTags('dead letters')
@Controller('streams/dead-letters')
export class LetterStreamController {
  constructor(
    private readonly store: Store,
    private readonly door: LookDoor,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @DescribedLook('dead-letters', wire.LettersNow, {
    operationId: 'streamDeadLetters',
    shows: 'The causes of what was given up, and with `letters=true` the newest letters',
    as: '`GET /dead-letters/groups`',
  })
  @DescribedGroups()
  @ApiQuery({ name: 'letters', required: false, enum: ['true', 'false'], description: `\`true\`: also the newest ${NEWEST} letters, whatever became of them` })
  @ApiQuery({ name: 'group', required: false, type: String, description: 'Letters of this cause', example: '9f2c4a1e07b35d68' })
  @ApiQuery(TENANT)
  @ApiQuery({ ...LIMIT, description: 'How many groups are told at most' })
  async stream(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const reader = QueryReader.tolerant(query, [...GROUP_PARAMETERS, 'letters', 'group'], []);
    const wanted = { groups: readGroupFilter(reader), letters: reader.oneOf('letters', ['true', 'false']) === 'true', group: reader.text('group') };
    const { sees, whose } = viewer;
    await this.door.open(request, reply, [sees, whose({ tenant: '' }), wanted], { name: 'dead-letters', look: () => this.look(wanted, viewer) });
  }

  private async look(wanted: Wanted, { sees, whose }: Viewer): Promise<LettersNow> {
    const groups = groupsView(await this.lists.take(() => this.store.deadLetters.groups({ ...wanted.groups, ...ofSeen(sees) })));
    if (!wanted.letters) return { groups };
    const page = await this.lists.take(() => this.store.deadLetters.list({ ...lettersOf(wanted), ...ofSeen(sees) }));
    return { groups, letters: { items: page.items.map((letter) => ({ ...deadLetterView(letter), ...whose(letter) })), nextCursor: page.nextCursor } };
  }
}

interface Wanted {
  groups: ReturnType<typeof readGroupFilter>;
  letters: boolean;
  group: string | undefined;
}

function lettersOf({ groups: { reason, kind, queue, source }, group }: Wanted) {
  return { ...withoutUndefined({ reason, kind, queue, source, group }), redriven: true, discarded: true, limit: NEWEST };
}

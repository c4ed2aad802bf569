import { ApiProperty } from './documented.js';
import { Link } from './fields.js';

/** Links to the API, its documents and the health checks. */
export class EntranceLinks {
  @Link({ example: '/console', description: 'For people' })
  console!: string;

  @Link({ example: '/docs' })
  docs!: string;

  @Link({ example: '/openapi.json' })
  openapi!: string;

  @Link({ example: '/asyncapi.json' })
  asyncapi!: string;

  @Link({ example: '/kinds' })
  kinds!: string;

  @Link({ example: '/jobs' })
  jobs!: string;

  @Link({ example: '/queues' })
  queues!: string;

  @Link({ example: '/dead-letters' })
  deadLetters!: string;

  @Link({ example: '/health/ready' })
  health!: string;
}

/** The JSON answer of `GET /`: which service this is, and where its parts are. */
export class Entrance {
  @ApiProperty({ example: 'longhaul' })
  name!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({ type: () => EntranceLinks })
  links!: EntranceLinks;
}

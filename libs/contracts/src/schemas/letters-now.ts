import { DeadLetterPage, LetterGroupList } from './dead-letter.js';
import { ApiProperty, ApiPropertyOptional } from './documented.js';

/** What one event of the stream of dead letters tells. */
export class LettersNow {
  @ApiProperty({ type: () => LetterGroupList })
  groups!: LetterGroupList;

  @ApiPropertyOptional({ type: () => DeadLetterPage, description: 'The newest, whatever became of them, where they were asked for' })
  letters?: DeadLetterPage;
}

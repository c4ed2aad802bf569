import { ApiProperty } from './documented.js';
import { Count, EXAMPLE, Id, Link, Time } from './fields.js';

export class FileLinks {
  @Link({ example: `/files/${EXAMPLE.id}/content` })
  content!: string;
}

/** A stored file. */
export class FileView {
  @Id()
  id!: string;

  @ApiProperty({ description: 'What the uploader called it', example: 'birdstrikes.csv' })
  name!: string;

  @ApiProperty({ example: 'text/csv' })
  mediaType!: string;

  @Count({ description: 'Bytes', example: 1_223_329 })
  size!: number;

  @ApiProperty({ description: 'Of the content, in hex' })
  sha256!: string;

  @Time()
  createdAt!: string;

  @ApiProperty({ type: () => FileLinks })
  links!: FileLinks;
}

/** A form with the file in a field of this name. */
export class FileUpload {
  @ApiProperty({ type: 'string', format: 'binary' })
  file!: unknown;
}

import { publicPath } from '@app/core';
import type { StoredFile } from '@app/sdk';
import { ApiProperty } from '@nestjs/swagger';

class FileLinks {
  @ApiProperty({ example: '/files/019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e/content' })
  content!: string;
}

/** A stored file as the API shows it. */
export class FileView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ description: 'What the uploader called it.', example: 'birdstrikes.csv' })
  name!: string;

  @ApiProperty({ example: 'text/csv' })
  mediaType!: string;

  @ApiProperty({ description: 'Bytes.', example: 1223329 })
  size!: number;

  @ApiProperty({ description: 'Hex, of the content.' })
  sha256!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: FileLinks })
  links!: FileLinks;
}

export function fileView({ id, name, mediaType, size, sha256, createdAt }: StoredFile): FileView {
  return { id, name, mediaType, size, sha256, createdAt: createdAt.toISOString(), links: { content: publicPath(`/files/${id}/content`) } };
}

import type { FileView } from '@app/contracts';
import { publicPath } from '@app/core';
import type { StoredFile } from '@app/sdk';

/** A stored file as the API shows it. */
export function fileView({ id, name, mediaType, size, sha256, createdAt }: StoredFile): FileView {
  return { id, name, mediaType, size, sha256, createdAt: createdAt.toISOString(), links: { content: publicPath(`/files/${id}/content`) } };
}

import { publicPath, type StoredFile } from '@app/sdk';

/** A stored file as a result shows it: to be downloaded from the gateway. */
export interface FileLink {
  fileId: string;
  url: string;
}

export function fileLink(file: StoredFile): FileLink {
  return { fileId: file.id, url: publicPath(`/files/${file.id}/content`) };
}

export { FileTooLargeError } from './meter.js';
export { NoRoomError } from './room.js';
export { DEFAULT_FILES_MAX_BYTES, type S3Options, type StorageConfig, storageConfig } from './storage.config.js';
export { STORAGE_CONFIG, StorageModule } from './storage.module.js';
export { FilesOfTenant } from './files-of-tenant.js';
export { StoredFiles } from './stored-files.js';

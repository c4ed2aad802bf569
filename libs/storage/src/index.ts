export { FileTooLargeError } from './meter.js';
export { NoRoomError } from './room.js';
export { filesQuota } from './room-of-tenant.js';
export { DEFAULT_FILES_MAX_BYTES, type S3Options, type StorageConfig, storageConfig } from './storage.config.js';
export { STORAGE_CONFIG, StorageModule, TAKE_BYTES } from './storage.module.js';
export { FilesOfTenant } from './files-of-tenant.js';
export { StoredFiles } from './stored-files.js';

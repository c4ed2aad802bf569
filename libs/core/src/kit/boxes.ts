export * from './data-box.js';
export { plainSecrets, type SecretBox } from './secret-box.js';

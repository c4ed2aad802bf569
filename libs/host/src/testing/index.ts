export { type Algorithm, IdentityProvider, joined, newSigningKey, signed, type SigningKey } from './identity-provider.js';
export { SignInDesk } from './sign-in-desk.js';

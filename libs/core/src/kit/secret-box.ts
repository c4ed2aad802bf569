/** Keeps secrets from whoever reads the database alone. */
export interface SecretBox {
  /** As it is stored. `place` names the row and the column: what was sealed for one place cannot be opened in another. */
  seal(secret: string, place: string): string;
  /** What was sealed, and as it is what was stored before there were keys. Throws, naming the key's id, when that key is not here. */
  open(stored: string, place: string): string;
  /** Whether `seal` would write it in another form: under another key, or under one at all. */
  isStale(stored: string): boolean;
}

/** Where no key is configured: secrets are stored as they are. */
export const plainSecrets: SecretBox = { seal: (secret) => secret, open: (stored) => stored, isStale: () => false };

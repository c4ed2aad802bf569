/** The database cannot be used. The message is one line that says why and what to do. */
export class DatabaseError extends Error {
  constructor(line: string, options?: ErrorOptions) {
    super(line, options);
    this.name = 'DatabaseError';
  }
}

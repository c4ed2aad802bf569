import type { MigrationInterface } from 'typeorm';

/**
 * Once made a table of the kinds for trying things out, which make their tables themselves now (test/kinds). It stays because databases know
 * it by its name; the table stays in those that have it.
 */
export class DebugLedger1700000000030 implements MigrationInterface {
  name = 'DebugLedger1700000000030';

  async up(): Promise<void> {
    // Nothing to make any more.
  }

  async down(): Promise<void> {
    // Nothing was made.
  }
}

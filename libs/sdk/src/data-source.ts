/**
 * The token of the TypeORM `DataSource` on Longhaul's own database, for handlers that write there: `@Inject(LONGHAUL_DATA_SOURCE)`. It is a token of
 * its own, so that the `DataSource` of your modules stays yours.
 */
export const LONGHAUL_DATA_SOURCE = Symbol.for('longhaul data source');

/** How far back the charts go. */
export type Span = '15m' | '24h';

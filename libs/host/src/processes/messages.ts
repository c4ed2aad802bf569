/** The metrics of each process. */
export type Texts = [process: number, text: string][];

/** Messages between the first process and the working ones. `id` identifies the request. */
export type ToFirst = { type: 'up' } | { type: 'drain' } | { type: 'scrape'; id: number } | { type: 'scraped'; id: number; text: string | null };

export type ToWorking = { type: 'drain' } | { type: 'scrape'; id: number } | { type: 'scraped'; id: number; texts: Texts };

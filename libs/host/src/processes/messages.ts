/** What each process tells of itself. */
export type Texts = [process: number, text: string][];

/** What the first process and those that work tell each other. `id` of the one that asks. */
export type ToFirst = { type: 'up' } | { type: 'drain' } | { type: 'scrape'; id: number } | { type: 'scraped'; id: number; text: string | null };

export type ToWorking = { type: 'drain' } | { type: 'scrape'; id: number } | { type: 'scraped'; id: number; texts: Texts };

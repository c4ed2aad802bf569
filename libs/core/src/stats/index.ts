export { countsOf, type KindFigures, type Latency, type QueueFigures, runOf, type Stats, waitOf } from './snapshot.js';
export { type HistoryPoint, historyOf } from './history.js';
export { type FeedDependencies, StatsFeed, type StatsSink } from './stats-feed.js';

export { countsOf, type KindFigures, type Latency, type QueueFigures, runOf, type Stats, waitOf } from './snapshot.js';
export { type HistoryPoint, historyOf } from './history.js';
export { type FeedDependencies, StatsFeed, type StatsSink } from './stats-feed.js';
export { addTo, BUCKETS, bucketOf, quantile } from './histogram.js';
export {
  COARSE_STEP,
  type Counts,
  type DepthPoint,
  type DepthQuery,
  type FailureGroup,
  FINE_SECONDS,
  FINE_STEP,
  type FigureRow,
  type Figures,
  type FigureWriter,
  type Ledger,
  type StateNow,
  type StatsReader,
  type WorkerGroup,
} from './stats-store.js';
export { addFigures, type Ending, noFigures, Tallies, type TallyDependencies } from './tallies.js';

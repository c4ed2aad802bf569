// What the demo submits: the three real jobs, on real data. Each builder gets what the steps before it have made.

/** The CSV files of vega-datasets that are imported, and the tables they become. */
export const IMPORTS = [
  { file: 'seattle-weather.csv', table: 'demo_weather' },
  { file: 'birdstrikes.csv', table: 'demo_birdstrikes' },
  { file: 'zipcodes.csv', table: 'demo_zipcodes' },
];

/** @param {string} fileId @param {string} table */
export function csvImport(fileId, table) {
  // `replace`: the demo may be run again.
  return { kind: 'csv.import', payload: { fileId, table, mode: 'replace' } };
}

export const REPORTS = [
  {
    label: 'weather by month',
    job: {
      kind: 'report.aggregate',
      payload: {
        table: 'demo_weather',
        title: 'Weather in Seattle by month',
        dateColumn: 'date',
        period: 'month',
        measures: [
          { column: 'temp_max', functions: ['mean', 'min', 'max'] },
          { column: 'precipitation', functions: ['sum', 'p95'] },
        ],
        format: ['csv', 'html', 'pdf'],
      },
    },
  },
  {
    label: 'birdstrikes by year',
    job: {
      kind: 'report.aggregate',
      payload: {
        table: 'demo_birdstrikes',
        title: 'Bird strikes by year and phase of flight',
        dateColumn: 'Flight Date',
        period: 'year',
        groupBy: ['Phase of flight'],
        measures: [
          { column: '*', functions: ['count'] },
          { column: 'Cost Total $', functions: ['sum', 'p95'] },
        ],
        format: ['csv', 'html'],
      },
    },
  },
];

/** @param {string[]} serviceUrls three of them, for GET, with `{key}` where the key goes */
export function fanoutEnrich(serviceUrls) {
  const [weather, traffic, prices] = serviceUrls;
  return {
    kind: 'fanout.enrich',
    payload: {
      table: 'demo_zipcodes',
      keyColumn: 'zip_code',
      key: '98101',
      services: [
        { name: 'weather', url: weather, method: 'GET', timeoutMs: 2000, required: true },
        { name: 'traffic', url: traffic, method: 'GET', timeoutMs: 2000 },
        { name: 'prices', url: prices, method: 'GET', timeoutMs: 2000, retries: 1 },
      ],
    },
  };
}

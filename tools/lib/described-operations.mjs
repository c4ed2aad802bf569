// How much of the API the OpenAPI document describes.

/**
 * @param {import('./api-document.mjs').OpenApi} document
 * @returns {{ all: number, answers: number, problems: number }}  operations, and those with schemas of all their answers, and of all their problems
 */
export function describedOperations({ paths }) {
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  const described = (/** @type {(status: string) => boolean} */ which) =>
    operations.filter(({ responses }) =>
      Object.entries(responses)
        .filter(([status]) => which(status))
        .every(([status, { content }]) => ['204', '304'].includes(status) || Object.values(content ?? {}).some(({ schema }) => schema)),
    ).length;
  return { all: operations.length, answers: described((status) => status < '400'), problems: described((status) => status >= '400') };
}

import { Refusal } from '../job/errors.js';
import type { JobId } from '../job/job.js';
import { KIND_PATTERN } from '../job/kind.js';
import { nearest } from '../job/nearest.js';

/** `known`: the kinds that a caller may be told of. */
export function unknownKind(kind: string, known: readonly string[]): Refusal {
  const near = KIND_PATTERN.test(kind) ? nearest(kind, known) : undefined;
  const hint = near ? `; did you mean "${near}"?` : '; GET /kinds lists the known ones';
  return new Refusal('unknown_kind', `no kind ${JSON.stringify(kind.slice(0, 100))}${hint}`, [{ pointer: '/kind', detail: `is not a known kind${hint}` }]);
}

/** `jobId`: of the job that the key has made. */
export function keyReused(jobId: JobId): Refusal {
  return new Refusal(
    'idempotency_key_reused',
    `expected the request that made job ${jobId}, got another one with the same idempotency key; use a new key for a new request`,
  );
}

/** A refusal of one request, as that of the batch that has it at this index. */
export function atIndex(refusal: Refusal, index: number): Refusal {
  const faults = refusal.faults.map((fault) => ({ ...fault, pointer: `/jobs/${index}${fault.pointer}` }));
  return new Refusal(refusal.code, `jobs[${index}]: ${refusal.message}`, faults.length > 0 ? faults : [{ pointer: `/jobs/${index}`, detail: refusal.message }]);
}

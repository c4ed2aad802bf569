import { api, ApiError, type DryRun, type ProblemFault, type SubmitJob } from './api';

/** What a submission would meet: the answer of the dry run, or what it would be refused for. */
export interface TriedOut {
  run: DryRun | null;
  /** Each at its pointer into the request; with an empty one what is wrong with the whole. */
  faults: ProblemFault[];
}

/** Asks the gateway, which checks as it does at a submission: nothing is checked twice, by two rules. */
export async function tryOut(body: SubmitJob, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<TriedOut> {
  try {
    return { run: await api('POST /jobs/dry-run', { body, headers }, signal), faults: [] };
  } catch (error) {
    return { run: null, faults: faultsOf(error) };
  }
}

/** Throws what is no refusal of the request itself: nobody has answered, or the key has not the right. */
export function faultsOf(error: unknown): ProblemFault[] {
  if (!(error instanceof ApiError) || !error.problem || ![400, 404, 409, 413, 422].includes(error.status)) throw error;
  const { errors, detail } = error.problem;
  return errors && errors.length > 0 ? errors : [{ pointer: '', detail }];
}

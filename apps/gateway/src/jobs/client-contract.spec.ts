import type { JobView, Problem } from '@app/contracts';
import type { JobState, SubmitOptions } from '@app/core';
import type { JobOptions, JobState as ClientJobState, JobView as ClientJobView, JsonValue, Problem as ClientProblem } from '@app/client';

type Same<A, B> = [A, B] extends [B, A] ? true : false;
type Plain<T> = { [Field in keyof T]: T[Field] };

describe('the wire as the client has written it down', () => {
  test('is what the gateway speaks: the compiler says so', () => {
    const view: Same<keyof JobView, keyof ClientJobView> = true;
    const problem: Same<keyof Problem, keyof ClientProblem> = true;
    const options: Same<keyof SubmitOptions, keyof JobOptions> = true;
    const states: Same<JobState, ClientJobState> = true;
    const fields: JobView extends Plain<ClientJobView<JsonValue>> ? true : false = true;
    const faults: Problem extends Plain<ClientProblem> ? true : false = true;
    expect([view, problem, options, states, fields, faults]).toEqual(Array.from({ length: 6 }, () => true));
  });
});

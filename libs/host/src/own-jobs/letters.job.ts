import { actOnLetters, LETTER_ACTS, type LetterAct, type LettersFilter, type LettersResult, systemClock } from '@app/core';
import { type Handles, HandlerRegistry, type JobContext, JobHandler } from '@app/sdk';
import { Inject } from '@nestjs/common';
import { IsDateString, IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import type { RuntimeConfig } from '../config.js';
import { Channels } from '../container/channels.js';
import { CONFIG } from '../container/tokens.js';
import { submitWithin } from '../jobs-within.js';
import { LetterActs } from '../letters/letter-acts.js';
import { RedriveLetter } from '../letters/redrive-letter.js';
import { Store } from '../store.js';
import { withoutUndefined } from '../without-undefined.js';
import { ACT_SETTINGS, ofJob } from './acts.js';

export const LETTERS_KIND = 'longhaul.letters';

/** An act, and the dead letters that it is for. The gateway has checked it; a field that is left out is no condition. */
class LettersPayload {
  @IsIn(LETTER_ACTS) act!: LetterAct;
  @IsOptional() @IsString() reason?: string;
  @IsOptional() @IsString() kind?: string;
  @IsOptional() @IsString() queue?: string;
  @IsOptional() @IsIn(['job', 'message']) source?: 'job' | 'message';
  @IsOptional() @IsString() group?: string;
  @IsOptional() @IsDateString() from?: string;
  @IsOptional() @IsDateString() to?: string;
  @IsOptional() @IsInt() @Min(1) rate?: number;
  /** Why, and by whom. */
  @IsOptional() @IsString() why?: string;
  @IsOptional() @IsString() by?: string;
}

/** Puts back, or away, many dead letters; its progress is how many. Cancelled, it goes no further. */
@JobHandler({
  kind: LETTERS_KIND,
  description: 'Puts back, or away, many dead letters.',
  payload: LettersPayload,
  ...ACT_SETTINGS,
})
export class LettersJob implements Handles<LettersPayload, LettersResult> {
  private readonly letters: LetterActs;

  constructor(store: Store, kinds: HandlerRegistry, channels: Channels, @Inject(CONFIG) config: RuntimeConfig) {
    // What it submits is left to the relay: this process may have no connection to the broker.
    const submitJob = submitWithin({ store, kinds, channels: channels.byName });
    this.letters = new LetterActs(store, new RedriveLetter({ store, kinds, submitJob, config }));
  }

  run({ act, rate, why, by, from, to, ...conditions }: LettersPayload, job: JobContext): Promise<LettersResult> {
    const filter: LettersFilter = { ...withoutUndefined({ ...conditions, from: timeOf(from), to: timeOf(to) }), before: job.createdAt, ...ofJob(job) };
    const request = { act, filter, note: withoutUndefined({ reason: why, by }), ...withoutUndefined({ rate }) };
    return actOnLetters({ store: this.letters, clock: systemClock }, request, job);
  }
}

function timeOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

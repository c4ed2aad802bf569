import type { AlertPage, KindList, LimitList, LimitNow, WorkerList } from '@app/contracts';
import { Refusal } from '@app/core';
import { allows, type Principal, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Injectable } from '@nestjs/common';
import type { Look } from '../events/shared-looks.js';
import { kindViews } from '../kinds/kind-view.js';
import { limitDetail, limitView } from '../limits/limit-view.js';
import { workerView } from '../workers/worker-view.js';
import { SeenAlerts } from './seen-alerts.js';
import { unavailableView } from './stats-view.js';

export const BESIDE = ['workers', 'kinds', 'limits', 'alerts'] as const;
export type Beside = (typeof BESIDE)[number];

const OF_JOBS: ReadonlySet<Beside> = new Set<Beside>(['workers', 'limits']);

/** Beside the figures. */
const MOST_ALERTS = 50;

/** Reads `with` of the stream of figures, beside `limit`. Throws a `Refusal` for another name, and for what the caller may not see. */
export function readBeside(text: string | undefined, caller: Principal, limit?: string): Beside[] {
  const asked = text === undefined ? [] : [...new Set(text.split(','))];
  const wrong = asked.find((name) => !(BESIDE as readonly string[]).includes(name));
  if (wrong !== undefined) throw new Refusal('malformed_request', `expected query parameter "with" to be names of ${BESIDE.join(', ')} with commas between`);
  if ((asked.includes('limits') || limit !== undefined) && !allows(caller, 'limits:read'))
    throw new Refusal('insufficient_scope', 'limits are shown to those who have the scope limits:read');
  return asked as Beside[];
}

/** What readers of the figures may want to see beside them: the same as the lists of the API. */
@Injectable()
export class SeenBeside {
  constructor(
    private readonly store: Store,
    private readonly registry: HandlerRegistry,
    private readonly seen: SeenAlerts,
  ) {}

  look(name: Beside): Look {
    // That the store is away the figures say, too.
    return { key: name, name, look: () => this[name](), away: unavailableView, ofJobs: OF_JOBS.has(name) };
  }

  limit(name: string): Look {
    const look = async (): Promise<LimitNow> => {
      const found = await this.store.limits.find(name);
      return { limit: found && limitDetail(found) };
    };
    return { key: JSON.stringify(['limit', name]), name: 'limit', look, away: unavailableView, ofJobs: true };
  }

  private async workers(): Promise<WorkerList> {
    return { items: (await this.store.workers.list()).map((worker) => workerView(worker, this.registry)) };
  }

  private async kinds(): Promise<KindList> {
    return { items: kindViews(this.registry, await this.store.pauses.pauses()) };
  }

  private alerts(): Promise<AlertPage> {
    return this.seen.page({ state: 'open', rule: null, before: null, limit: MOST_ALERTS });
  }

  private async limits(): Promise<LimitList> {
    return { items: (await this.store.limits.list()).map((limit) => limitView(limit)) };
  }
}

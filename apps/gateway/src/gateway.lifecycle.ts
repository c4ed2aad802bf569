import { Admission, AlertWatch, PruneFinished } from '@app/core';
import { JwtTokens, Lifecycle, OidcProvider, Principals, Store } from '@app/host';
import { TellOutcomes, WebhookSender } from '@app/notifications';
import { Injectable } from '@nestjs/common';
import { EventFeed } from './events/event-feed.js';
import { EventHub } from './events/event-hub.js';
import { OpenStreams } from './events/open-streams.js';
import { RunTimes } from './jobs/run-times.js';
import { LimitsInCode } from './limits/limits-in-code.js';
import { GatewayService } from './modes/gateway.service.js';
import { RetentionInCode } from './retention/retention-in-code.js';
import { SchedulesService } from './schedules/schedules.service.js';
import { DepthSampler } from './stats/depth-sampler.js';

/** What a gateway starts, in this order. */
@Injectable()
export class GatewayLifecycle extends Lifecycle {
  constructor(
    store: Store,
    admission: Admission,
    sender: WebhookSender,
    hub: EventHub,
    feed: EventFeed,
    streams: OpenStreams,
    runTimes: RunTimes,
    mode: GatewayService,
    telling: TellOutcomes,
    retention: RetentionInCode,
    pruning: PruneFinished,
    limits: LimitsInCode,
    schedules: SchedulesService,
    principals: Principals,
    tokens: JwtTokens,
    provider: OidcProvider,
    depths: DepthSampler,
    alerts: AlertWatch,
  ) {
    const looks = { start: () => admission.start(), close: () => admission.close() };
    // A missing key is reported at the start, and not at the first webhook.
    const keys = {
      start: async () => {
        await store.webhookEndpoints.all();
      },
    };
    super([
      store,
      principals,
      tokens,
      provider,
      looks,
      sender,
      runTimes,
      hub,
      feed,
      streams,
      mode,
      keys,
      telling,
      retention,
      pruning,
      limits,
      schedules,
      depths,
      alerts,
    ]);
  }
}

import { WhyJob } from '@app/core';
import { Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Injectable, type Provider } from '@nestjs/common';
import { GatewayService } from '../modes/gateway.service.js';

/** Says why jobs wait, by what this gateway knows of its mode. */
@Injectable()
export class WiredWhyJob extends WhyJob {
  constructor(store: Store, mode: GatewayService, kinds: HandlerRegistry) {
    super({ store: store.why, broker: () => mode.brokerState, slotsOf: (kind) => kinds.policy(kind)?.slots ?? 1 });
  }
}

export const whyProviders: Provider[] = [{ provide: WhyJob, useClass: WiredWhyJob }];

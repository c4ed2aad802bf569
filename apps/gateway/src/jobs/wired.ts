import { WhyJob } from '@app/core';
import { Store } from '@app/host';
import { Injectable, type Provider } from '@nestjs/common';
import { GatewayService } from '../modes/gateway.service.js';

/** Says why jobs wait, by what this gateway knows of its mode. */
@Injectable()
export class WiredWhyJob extends WhyJob {
  constructor(store: Store, mode: GatewayService) {
    super({ store: store.why, broker: () => mode.brokerState });
  }
}

export const whyProviders: Provider[] = [{ provide: WhyJob, useClass: WiredWhyJob }];

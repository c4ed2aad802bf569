import { ownKinds } from '@app/notifications';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';
import { type LonghaulOptions, OPTIONS } from './longhaul-options.js';

/** The registry of a host application: the kinds of `forRoot` and Longhaul's own kinds. Each `forFeature` adds its kinds. */
@Injectable()
export class HostKinds extends HandlerRegistry {
  constructor(@Inject(OPTIONS) { jobs = [] }: LonghaulOptions) {
    super([...jobs, ...ownKinds]);
  }
}

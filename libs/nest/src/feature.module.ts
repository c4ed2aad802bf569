import { HandlerRegistry } from '@app/sdk';
import { Inject, Module } from '@nestjs/common';
import type { HandlerClass } from './longhaul-options.js';

/** The handlers of one `forFeature`. */
export const FEATURE = Symbol('longhaul feature');

/** One instance for each `forFeature`. Its constructor adds the kinds to the registry. */
@Module({})
export class LonghaulFeatureModule {
  constructor(kinds: HandlerRegistry, @Inject(FEATURE) handlers: readonly HandlerClass[]) {
    kinds.define(handlers);
  }
}

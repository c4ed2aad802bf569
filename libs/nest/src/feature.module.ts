import { HandlerRegistry } from '@app/sdk';
import { Inject, Module } from '@nestjs/common';
import type { HandlerClass } from './longhaul-options.js';

/** The token of the handlers of one `forFeature`. */
export const FEATURE = Symbol('longhaul feature');

/** The module of one `forFeature`. Its constructor adds the kinds to the registry. */
@Module({})
export class LonghaulFeatureModule {
  constructor(kinds: HandlerRegistry, @Inject(FEATURE) handlers: readonly HandlerClass[]) {
    kinds.define(handlers);
  }
}

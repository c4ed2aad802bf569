import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { HandlerRegistry } from './handler-registry.js';

/** Provides the {@link HandlerRegistry} of a catalogue to all modules. */
@Module({})
export class CatalogueModule {
  /** A process that only accepts jobs needs only their kinds. Handlers are attached to the registry by the code that has their dependencies. */
  static of(kinds: readonly Type<unknown>[]): DynamicModule {
    return {
      module: CatalogueModule,
      global: true,
      providers: [{ provide: HandlerRegistry, useValue: new HandlerRegistry(kinds) }],
      exports: [HandlerRegistry],
    };
  }
}

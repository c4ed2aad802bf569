import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { HandlerRegistry } from './handler-registry.js';
import type { Handles } from './job-handler.decorator.js';

type Catalogue = readonly Type<Handles<never, unknown>>[];

/** Provides the {@link HandlerRegistry} of a catalogue to all modules. */
@Module({})
export class JobsModule {
  /**
   * A process that only accepts jobs needs only their kinds. This container makes the handlers of `made`. Handlers of other kinds are attached
   * to the registry by the code that has their dependencies.
   */
  static of(kinds: Catalogue, made: Catalogue = []): DynamicModule {
    const registry = (...handlers: object[]) => {
      const known = new HandlerRegistry(kinds);
      for (const [index, handler] of handlers.entries()) known.attach(made[index] as Catalogue[number], handler);
      return known;
    };
    return {
      module: JobsModule,
      global: true,
      providers: [...made, { provide: HandlerRegistry, inject: [...made], useFactory: registry }],
      exports: [HandlerRegistry],
    };
  }
}

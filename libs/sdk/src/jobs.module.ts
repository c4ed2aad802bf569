import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { HandlerRegistry } from './handler-registry.js';
import type { Handles } from './job-handler.decorator.js';

type Catalogue = readonly Type<Handles<never, unknown>>[];

/** Provides the {@link HandlerRegistry} of a catalogue, everywhere. */
@Module({})
export class JobsModule {
  /**
   * A process that only accepts jobs needs no more than their kinds. Of `made` this container makes the handlers; those of the other kinds
   * are attached to the registry by whoever has what they need.
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

import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { HandlerRegistry } from './handler-registry.js';
import type { Handles } from './job-handler.decorator.js';

type Catalogue = readonly Type<Handles<never, unknown>>[];

/** What handlers take in their constructors. */
export interface HandlerNeeds {
  imports?: NonNullable<ModuleMetadata['imports']>;
  providers?: Provider[];
}

/** Provides the {@link HandlerRegistry} of a catalogue, everywhere. */
@Module({})
export class JobsModule {
  /** For a process that only accepts jobs: it knows the kinds, and makes no handler. */
  static forSubmitting(catalogue: Catalogue): DynamicModule {
    return {
      module: JobsModule,
      global: true,
      providers: [{ provide: HandlerRegistry, useFactory: () => new HandlerRegistry(catalogue) }],
      exports: [HandlerRegistry],
    };
  }

  /** For a process that runs jobs: each handler is a provider, so its constructor gets what `needs` provide, and what is global. */
  static forRunning(catalogue: Catalogue, needs: HandlerNeeds = {}): DynamicModule {
    return {
      module: JobsModule,
      global: true,
      imports: needs.imports ?? [],
      providers: [
        ...(needs.providers ?? []),
        ...catalogue,
        {
          provide: HandlerRegistry,
          inject: [...catalogue],
          useFactory: (...handlers: Handles<object, unknown>[]) =>
            new HandlerRegistry(catalogue, (handler) => handlers[catalogue.indexOf(handler)] as Handles<object, unknown>),
        },
      ],
      exports: [HandlerRegistry],
    };
  }
}

import { notificationKinds } from '@app/notifications';
import { Files, HandlerRegistry, Jobs } from '@app/sdk';
import { type DynamicModule, Module, type ModuleMetadata, type OptionalFactoryDependency, type InjectionToken, type Provider } from '@nestjs/common';
import { Bootstrap } from './bootstrap.js';
import { FEATURE, LonghaulFeatureModule } from './feature.module.js';
import { LonghaulHost } from './longhaul-host.js';
import type { HandlerClass, LonghaulOptions } from './longhaul-options.js';

const OPTIONS = Symbol('longhaul options');

export interface LonghaulModuleAsyncOptions {
  imports?: NonNullable<ModuleMetadata['imports']>;
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Nest's own signature: what is injected is the caller's
  useFactory: (...dependencies: any[]) => LonghaulOptions | Promise<LonghaulOptions>;
}

/**
 * Longhaul in an application of your own. `Jobs` submits from any provider, also inside your own transaction; with `run` this process runs
 * jobs as a worker does, and `enableShutdownHooks` (or `app.close()`) lets them end. Of all that it provides only `Jobs` and `Files` are
 * global; your DataSource, your filters and your pipes stay yours.
 */
@Module({})
export class LonghaulModule {
  static forRoot(options: LonghaulOptions): DynamicModule {
    return root([{ provide: OPTIONS, useValue: options }]);
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: LonghaulModuleAsyncOptions): DynamicModule {
    return root([{ provide: OPTIONS, inject, useFactory }], imports);
  }

  /** Handlers that get what the importing module has: its providers, and what its imports export. */
  static forFeature(handlers: readonly HandlerClass[]): DynamicModule {
    return {
      module: LonghaulFeatureModule,
      providers: [{ provide: FEATURE, inject: [HandlerRegistry], useFactory: (kinds: HandlerRegistry) => (kinds.define(handlers), handlers) }],
    };
  }
}

function root(options: Provider[], imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
  return {
    module: LonghaulModule,
    global: true,
    imports,
    providers: [
      ...options,
      {
        provide: HandlerRegistry,
        inject: [OPTIONS],
        useFactory: ({ jobs = [] }: LonghaulOptions) => new HandlerRegistry([...jobs, ...notificationKinds]),
      },
      {
        provide: LonghaulHost,
        inject: [OPTIONS, HandlerRegistry],
        useFactory: (given: LonghaulOptions, kinds: HandlerRegistry) => LonghaulHost.open(given, kinds),
      },
      { provide: Jobs, inject: [LonghaulHost], useFactory: ({ jobs }: LonghaulHost) => jobs },
      { provide: Files, inject: [LonghaulHost], useFactory: ({ files }: LonghaulHost) => files },
      Bootstrap,
    ],
    exports: [Jobs, Files, HandlerRegistry],
  };
}

import { Files, HandlerRegistry, Jobs } from '@app/sdk';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Bootstrap } from './bootstrap.js';
import { FEATURE, LonghaulFeatureModule } from './feature.module.js';
import { HostKinds } from './host-kinds.js';
import { LonghaulHost } from './longhaul-host.js';
import { ConfigurableLonghaulModule, type HandlerClass, type LonghaulOptions, OPTIONS } from './longhaul-options.js';

/**
 * Longhaul in an application of your own: `forRoot(options)`, or `forRootAsync` with `useFactory`, `useClass` or `useExisting`. `Jobs` submits from
 * any provider, also inside your own transaction; with `run` this process runs jobs as a worker does, and `enableShutdownHooks` (or `app.close()`) lets
 * them end. Only `Jobs` and `Files` are global; your DataSource, your filters and your pipes stay unchanged.
 */
@Global()
@Module({
  providers: [
    { provide: HandlerRegistry, useClass: HostKinds },
    // A factory, because connections are opened asynchronously. The other two providers are parts of it.
    {
      provide: LonghaulHost,
      inject: [OPTIONS, HandlerRegistry],
      useFactory: (options: LonghaulOptions, kinds: HandlerRegistry) => LonghaulHost.open(options, kinds),
    },
    { provide: Jobs, inject: [LonghaulHost], useFactory: ({ jobs }: LonghaulHost) => jobs },
    { provide: Files, inject: [LonghaulHost], useFactory: ({ files }: LonghaulHost) => files },
    Bootstrap,
  ],
  exports: [Jobs, Files, HandlerRegistry],
})
export class LonghaulModule extends ConfigurableLonghaulModule {
  /** Adds handlers whose dependencies are the providers of the importing module and the exports of its imports. */
  static forFeature(handlers: readonly HandlerClass[]): DynamicModule {
    return { module: LonghaulFeatureModule, providers: [{ provide: FEATURE, useValue: handlers }] };
  }
}

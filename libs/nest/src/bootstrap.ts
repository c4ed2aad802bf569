import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { FEATURE, LonghaulFeatureModule } from './feature.module.js';
import { type HandlerMaker, LonghaulHost } from './longhaul-host.js';
import type { HandlerClass } from './longhaul-options.js';

type NestModule = ModulesContainer extends Map<string, infer Each> ? Each : never;

/** Starts and ends with the host. Signals, and when the process ends, are the host's. */
@Injectable()
export class Bootstrap implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly host: LonghaulHost,
    private readonly modules: ModulesContainer,
    private readonly own: ModuleRef,
  ) {}

  /** All providers are there now. */
  async onApplicationBootstrap(): Promise<void> {
    const homes = this.homes();
    try {
      await this.host.start((handler) => {
        const home = homes.get(handler);
        return home ? maker(home.name, refOf(home), home) : maker('LonghaulModule.forRoot', this.own);
      });
    } catch (error) {
      // Nest calls no hook of an application that did not start, and open connections would keep its process alive.
      await this.host.close();
      throw error;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.host.drain();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.host.close();
  }

  /** The module that has imported the `forFeature` of each handler. */
  private homes(): Map<HandlerClass, NestModule> {
    const homes = new Map<HandlerClass, NestModule>();
    for (const module of this.modules.values())
      for (const imported of module.imports)
        if (imported.metatype === LonghaulFeatureModule)
          for (const handler of imported.providers.get(FEATURE)?.instance as readonly HandlerClass[]) homes.set(handler, module);
    return homes;
  }
}

function refOf(module: NestModule): ModuleRef {
  return module.getProviderByKey<ModuleRef>(ModuleRef).instance;
}

function maker(name: string, ref: ModuleRef, home?: NestModule): HandlerMaker {
  return async (handler) => {
    // The module may have it among its providers too: one handler, not two.
    if (home?.providers.has(handler)) return ref.get<object>(handler, { strict: true });
    try {
      return await ref.create<object>(handler);
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      throw new Error(`expected all that ${handler.name} takes to be provided in ${name}: ${reason}; add it to that module's providers or imports`, {
        cause: error,
      });
    }
  };
}

import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { FEATURE, LonghaulFeatureModule } from './feature.module.js';
import { type HandlerMaker, LonghaulHost } from './longhaul-host.js';
import type { HandlerClass } from './longhaul-options.js';

type NestModule = ModulesContainer extends Map<string, infer Each> ? Each : never;

/** Starts and stops Longhaul with the host application. The host handles signals and decides when the process ends. */
@Injectable()
export class Bootstrap implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly host: LonghaulHost,
    private readonly modules: ModulesContainer,
    private readonly own: ModuleRef,
  ) {}

  /** Nest calls this when all providers exist. */
  async onApplicationBootstrap(): Promise<void> {
    const homes = this.homes();
    try {
      await this.host.start((handler) => {
        const home = homes.get(handler);
        return home ? maker(home.name, refOf(home), home) : maker('LonghaulModule.forRoot', this.own);
      });
    } catch (error) {
      // Nest calls no further hook when the start fails, and open connections would keep the process alive.
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

  /** For each handler, the module that imports its `forFeature`. */
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
    // When the module also lists the handler as a provider, that instance is used, so that there is only one.
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

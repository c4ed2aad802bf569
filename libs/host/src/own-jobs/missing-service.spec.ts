import 'reflect-metadata';
import { join } from 'node:path';
import { Inject, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { startFault } from '../start-fault.js';
import { missingService } from './missing-service.js';

class Clock {}
const TOKEN = Symbol('clock');

@Injectable()
class TakesClass {
  constructor(readonly clock: Clock) {}
}

@Injectable()
class TakesToken {
  constructor(@Inject(TOKEN) readonly clock: object) {}
}

@Injectable()
class TakesNamed {
  constructor(@Inject('CLOCK') readonly clock: object) {}
}

@Injectable()
class TakesType {
  constructor(readonly clock: object) {}
}

@Injectable()
class TakesProperty {
  @Inject(Clock) readonly clock!: Clock;
}

const FILE = '/srv/dist/longhaul.config.js';

/** The error of a configuration that has this class as a provider, or a module with it. */
async function faultOf(taker: Type<object>, inModule: boolean, file = FILE): Promise<string | undefined> {
  @Module({ providers: [taker], exports: [taker] })
  class LedgerModule {}
  @Module(inModule ? { imports: [LedgerModule] } : { providers: [taker] })
  class OwnJobsModule {}
  try {
    await NestFactory.createApplicationContext(OwnJobsModule, { logger: false, abortOnError: false });
    return undefined;
  } catch (error) {
    return startFault(missingService(error, file));
  }
}

describe('a service that nothing provides', () => {
  test.each<[what: string, taker: Type<object>, service: string]>([
    ['a class', TakesClass, 'Clock'],
    ['a symbol', TakesToken, 'Symbol(clock)'],
    ['a text', TakesNamed, 'CLOCK'],
    ['a class for a property', TakesProperty, 'Clock'],
  ])('is named with who takes it and where to add it: %s', async (_, taker, service) => {
    expect(await faultOf(taker, false)).toBe(
      `expected all that ${taker.name} takes to be provided in ${FILE}, got nothing for ${service}; ` +
        `add the module that exports ${service} to imports in longhaul.config.ts, or ${service} to its providers`,
    );
  });

  test('of a module is to be added to that module', async () => {
    expect(await faultOf(TakesClass, true)).toBe(
      `expected all that TakesClass takes to be provided in ${FILE}, got nothing for Clock; ` +
        'add Clock to the providers of LedgerModule, or the module that exports it to the imports of LedgerModule',
    );
  });

  test('is told apart from a class that was imported as a type only', async () => {
    expect(await faultOf(TakesType, false)).toBe(
      `expected all that TakesType takes to be provided in ${FILE}, got at place 1 of its constructor a type that is gone when the code runs; ` +
        'import the class without the word type, or name what to inject by @Inject()',
    );
  });

  test('is told with the file that its author has written', async () => {
    expect(await faultOf(TakesClass, false, join(process.cwd(), 'dist/longhaul.config.js'))).toContain('to be provided in longhaul.config.ts, got nothing');
  });

  test('is nothing that is said of another error', () => {
    expect(missingService(new Error('no ledger'), FILE)).toBeUndefined();
  });
});

import { Injectable, Module } from '@nestjs/common';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Lifecycle, type Part } from './lifecycle.js';

const told: string[] = [];
beforeEach(() => (told.length = 0));

function part(name: string, startFails = false): Part {
  return {
    start: async () => {
      await Promise.resolve();
      if (startFails) throw new Error(`${name} does not start`);
      told.push(`${name} starts`);
    },
    drain: () => void told.push(`${name} drains`),
    close: () => void told.push(`${name} closes`),
  };
}

function moduleOf(...parts: Part[]) {
  @Injectable()
  class InThisOrder extends Lifecycle {
    constructor() {
      super(parts);
    }
  }
  @Module({ providers: [{ provide: Lifecycle, useClass: InThisOrder }] })
  class AppModule {}
  return Test.createTestingModule({ imports: [AppModule] }).compile();
}

class OneServer extends Server implements CustomTransportStrategy {
  override listen(started: () => void): void {
    started();
  }
  override close(): void {
    told.push('the server closes');
  }
  override on(): void {
    // It has no events.
  }
  override unwrap(): never {
    throw new Error('expected nobody to ask for what is below');
  }
}

describe('the lifecycle of a process', () => {
  test('starts parts in their order, and drains and closes them in the reverse one', async () => {
    const app = await moduleOf(part('one'), { close: () => void told.push('two closes') }, part('three'));
    await app.init();
    expect(told).toEqual(['one starts', 'three starts']);
    told.length = 0;
    await app.close();
    expect(told).toEqual(['three drains', 'one drains', 'three closes', 'two closes', 'one closes']);
  });

  test('drains once, and before the transport of a microservice is closed', async () => {
    const app = (await moduleOf(part('one'))).createNestMicroservice({ strategy: new OneServer(), logger: false });
    await app.listen();
    await app.get(Lifecycle).drain();
    await app.close();
    expect(told).toEqual(['one starts', 'one drains', 'the server closes', 'one closes']);
  });

  test('fails with what a part fails with, and starts none after it', async () => {
    const app = await moduleOf(part('one'), part('two', true), part('three'));
    await expect(app.init()).rejects.toThrow('two does not start');
    expect(told).toEqual(['one starts']);
  });
});

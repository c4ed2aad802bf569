// The form of the tutorials: NestJS on Express, TypeORM's save(), and a publish that waits for its confirm, per request.
// Decorators are called as functions, for this file is plain JavaScript; Nest sees the same.

import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { DataSource, EntitySchema } from 'typeorm';
import { countingMonitor } from './postgres.mjs';
import { openRabbit } from './rabbit.mjs';

const JobEntity = new EntitySchema({
  name: 'Job',
  tableName: 'jobs',
  columns: {
    id: { type: 'uuid', primary: true },
    state: { type: 'text', default: 'queued' },
    payload: { type: 'jsonb' },
    result: { type: 'jsonb', nullable: true },
    createdAt: { type: 'timestamptz', createDate: true },
    updatedAt: { type: 'timestamptz', updateDate: true },
  },
});

/** @type {import('./index.mjs').Peer} */
export const tutorial = {
  title: 'tutorial form',
  needs: ['postgres', 'rabbit'],
  settings:
    'NestJS on Express, TypeORM save() with its default pool of 10, one confirmed publish per job; worker: findOne, save "processing", save "done", ack',
  setup: async ({ databaseUrl, amqpUrl }) => {
    const dataSource = await connect(databaseUrl);
    await dataSource.synchronize();
    await dataSource.destroy();
    await (await openRabbit(amqpUrl)).close();
  },
  producer: async ({ databaseUrl, amqpUrl }) => {
    const dataSource = await connect(databaseUrl);
    const jobs = dataSource.getRepository(JobEntity);
    const rabbit = await openRabbit(amqpUrl);
    return {
      submit: async (payload) => {
        const job = await jobs.save({ id: randomUUID(), state: 'queued', payload });
        await rabbit.publish({ id: job.id });
        return /** @type {string} */ (job.id);
      },
      isDone: async (id) => jobs.existsBy({ id, state: 'done' }),
      close: async () => {
        await rabbit.close();
        await dataSource.destroy();
      },
    };
  },
  worker: async ({ databaseUrl, amqpUrl, concurrency }, { started, done }) => {
    const dataSource = await connect(databaseUrl);
    const jobs = dataSource.getRepository(JobEntity);
    const { channel, consume, close } = await openRabbit(amqpUrl);
    await consume(concurrency, async (message, { id }) => {
      const job = await jobs.findOneBy({ id });
      await jobs.save({ ...job, state: 'processing' });
      started(id);
      await jobs.save({ ...job, state: 'done', result: { ok: true } });
      channel.ack(message);
      done();
    });
    return { close };
  },
  monitor: async ({ databaseUrl }) => countingMonitor(databaseUrl, "select count(*) from jobs where state <> 'done'"),
  serve: async (env) => {
    const producer = await tutorial.producer(env);
    class JobsController {
      /** @param {any} body */
      async create(body) {
        return { id: await producer.submit(body.payload) };
      }
    }
    const create = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(JobsController.prototype, 'create'));
    Post()(JobsController.prototype, 'create', create);
    HttpCode(202)(JobsController.prototype, 'create', create);
    Body()(JobsController.prototype, 'create', 0);
    Controller('jobs')(JobsController);
    class AppModule {}
    Module({ controllers: [JobsController] })(AppModule);
    const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    return {
      url: await app.getUrl(),
      close: async () => {
        await app.close();
        await producer.close();
      },
    };
  },
};

/** @param {string} url */
const connect = (url) => new DataSource({ type: 'postgres', url, entities: [JobEntity] }).initialize();

import { Refusal } from '@app/core';
import type { FastifyInstance } from 'fastify';
import { clientOfRequest } from '../http/client-of.js';
import { PerClient } from '../http/per-client.js';
import { whenOver } from '../http/when-over.js';
import { UPLOAD_ROUTE } from './uploads.js';

export interface UploadBounds {
  uploads: number;
  uploadsOfClient: number;
}

/** Limits the number of running uploads, in all and of one client: each holds a connection and a file. */
export function boundUploads(fastify: FastifyInstance, { uploads, uploadsOfClient }: UploadBounds): void {
  const ofClients = new PerClient(uploadsOfClient);
  let underWay = 0;
  // Not async, as no hook for all requests is: each promise costs every one of them.
  fastify.addHook('onRequest', ({ method, routeOptions, raw }, reply, done) => {
    if (method !== 'POST' || routeOptions.url !== UPLOAD_ROUTE) return done();
    const client = clientOfRequest(raw);
    const refuse = (error: Refusal) => {
      void reply.header('connection', 'close');
      done(error);
    };
    if (underWay >= uploads) return refuse(new Refusal('unavailable', `expected fewer than ${uploads} uploads at once; try again`));
    if (ofClients.exceeds(client)) return refuse(new Refusal('too_many_of_client', `expected at most ${uploadsOfClient} uploads of one client at once`));
    underWay++;
    const leave = ofClients.take(client);
    whenOver(reply.raw, () => {
      underWay--;
      leave();
    });
    done();
  });
}

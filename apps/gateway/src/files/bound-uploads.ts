import { Refusal, type Reservations, type Taken } from '@app/core';
import type { FastifyInstance } from 'fastify';
import { clientOfRequest } from '../http/client-of.js';
import { PerClient } from '../http/per-client.js';
import { whenOver } from '../http/when-over.js';
import { tenantOfCaller } from '../rights/tenant.js';
import { UPLOAD_ROUTE } from './uploads.js';

export interface UploadBounds {
  uploads: number;
  uploadsOfClient: number;
}

/** Limits the number of running uploads, in all, of one client and of one tenant: each holds a connection and a file. */
export function boundUploads(fastify: FastifyInstance, { uploads, uploadsOfClient }: UploadBounds, quotas: Pick<Reservations, 'take'>): void {
  const ofClients = new PerClient(uploadsOfClient);
  let underWay = 0;
  // Not async, as no hook for all requests is: each promise costs every one of them.
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions, raw } = request;
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
    let taken: Taken | undefined;
    whenOver(reply.raw, () => {
      underWay--;
      leave();
      taken?.end();
    });
    const place = quotas.take(tenantOfCaller(request), 'uploads', 1);
    if (!place) return done();
    place.then((given) => {
      taken = given;
      if (raw.socket.destroyed) given.end();
      done();
    }, refuse);
  });
}

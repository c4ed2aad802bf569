import type { Alert, Job, NewDelivery, NotifyChannel, SubmitRequest } from '@app/core';
import type { Environment, Store, Variables } from '@app/host';
import type { Type } from '@nestjs/common';

/** A job of ours that tells one receiver of one outcome; with `delivery` where it is a webhook. */
export interface Telling {
  request: SubmitRequest;
  delivery?: Omit<NewDelivery, 'deliveryJobId'>;
}

/** A way to tell outcomes. Its folder has all of it: how it judges an address, and the kind of job that sends. */
export interface Channel extends NotifyChannel {
  /** What tells this address of the outcome of a job that has ended. */
  tell: (job: Job, to: string) => Telling;
}

/** An alert as operators are told of it. */
export interface ToldAlert extends Omit<Alert, 'openedAt' | 'endedAt'> {
  openedAt: string;
  endedAt: string | null;
}

/** A channel with its configuration. */
export interface ConfiguredChannel extends Channel {
  /** Whom of this channel alerts are told to … */
  alertsTo: readonly string[];
  /** … and the job that tells one of them; `type`: `alert.opened` or `alert.ended`. */
  tellAlert: (alert: ToldAlert, type: string, to: string) => SubmitRequest;
  /** Makes the handler of the channel's kind, once in a process that runs jobs. */
  handler: (store: Store) => Promise<object>;
}

/** All that the rest of Longhaul knows of the folder of a channel. */
export interface ChannelFolder {
  /** What entries of `notify` call it. */
  name: string;
  /** The kind of the jobs that send. */
  kind: Type<object>;
  /** The variables of the environment that `configure` reads; those that have the channel's name before `_` are all its own. */
  variables: readonly Variables[];
  /** Reads its part of the configuration. `publicUrl` is the gateway's, for its callers. Throws a `ConfigError` that names the wrong variable. */
  configure: (env: Environment, publicUrl: string | null) => ConfiguredChannel;
}

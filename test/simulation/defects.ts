/** Known-bad variants of the protocol, each a small substitution. The simulation has to catch every one; see `mutations.sim.ts`. */
export const DEFECTS = [
  'a settlement does not check its token',
  'the delivery is accepted before the settlement commits',
  'the delivery is accepted before the claim',
  'the outbox is read by a cursor',
  'the outbox row is deleted before the confirm',
  'a copy that comes back takes nothing over',
  'a take-over does not look whether the owner lives',
  'a claim does not count its attempt',
  'a returned message counts as confirmed',
  'every copy of a job has the same publish id',
  'the sweep does not check the lease again',
  'nobody sweeps the outbox',
  'recovered jobs get no outbox row',
  'a job is accepted before its commit',
  'a repeated settlement is not recognised',
  'a finished job that comes back is not announced again',
  'a take-over keeps the token',
  'an acceptance whose answer was lost is stored again',
  'a lost worker costs an attempt',
  'a settlement that the store refuses for its data is sent again as it is',
  'a transaction that the database has lost costs an attempt',
] as const;

export type Defect = (typeof DEFECTS)[number];

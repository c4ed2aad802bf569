import { describeIf } from './only-if.js';
import { addUser, namePrefix, type Rights, rabbitmqctl, removeUsers, setPermissions, testServices, urlOfVhost } from './services.mjs';

/** An account of this test's own on the run's broker. */
export interface Account {
  readonly name: string;
  /** The AMQP URL of a virtual host, with this account. */
  url(vhost: string): string;
  /** Gives it rights in a virtual host, in place of those that it has there. */
  allow(vhost: string, rights: Rights): Promise<void>;
  /** Ends its connections and removes it. Safe to call twice. */
  drop(): Promise<void>;
}

let made = 0;

/** An account without rights. Needs rabbitmqctl: see `describeWithControl`. */
export async function freshAccount(): Promise<Account> {
  if (testServices().amqpUrl === null) throw new Error('expected a broker, got none in this run: use describeWithControl');
  const name = `${namePrefix()}${process.pid.toString(36)}_${(made++).toString(36)}_${Date.now().toString(36)}`;
  await addUser(name, 'secret');
  return {
    name,
    url: (vhost) => {
      const url = new URL(urlOfVhost(vhost));
      url.username = name;
      url.password = 'secret';
      return url.href;
    },
    allow: (vhost, rights) => setPermissions(name, vhost, rights),
    drop: () => removeUsers((user) => user === name),
  };
}

const without = testServices().amqpUrl === null ? 'no broker' : testServices().managementUrl === null ? undefined : 'no rabbitmqctl for this broker';

/** `describe` for tests that make accounts on RabbitMQ: skipped, with the reason, where there is none, or no rabbitmqctl that reaches it. */
export const describeWithControl = describeIf(without === undefined, without ?? '');

export { rabbitmqctl };

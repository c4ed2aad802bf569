import { BrokerRefusal } from './refusal.js';

/**
 * Explains in one line why there is no connection to RabbitMQ, with RabbitMQ's own text where it gave one, and what to do. The line has no
 * passwords. An error that does not concern the connection keeps its own message.
 */
export function brokerFault(error: unknown, url: string): string {
  const failure = firstOf(error);
  const { message = '', code } = failure;
  const where = new Where(url);
  if (error instanceof BrokerRefusal) return byRefusal(error, where);
  if (typeof code === 'string') return bySystem(code, message, where);
  // amqplib's own words.
  if (message.includes('Socket closed abruptly'))
    return `expected RabbitMQ to answer on ${where.server}, got: the connection was closed while it was opened; see that AMQP_URL names RabbitMQ's own port, and amqps:// where it expects TLS`;
  if (message.includes('ETIMEDOUT')) return `expected RabbitMQ to answer on ${where.server}, got: no answer in time; start it, or correct AMQP_URL`;
  return message === '' ? String(error) : message;
}

interface Failure {
  message?: string;
  code?: unknown;
}

/** The first of several errors: for a host with several addresses Node reports one error for each. */
function firstOf(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return {};
  const { errors } = error as { errors?: Failure[] };
  return errors?.[0] ?? error;
}

/** The parts of the URL that a message may name. The password is not among them. */
class Where {
  readonly server: string;
  readonly vhost: string;
  readonly user: string;

  constructor(url: string) {
    const { hostname, port, pathname, username, protocol } = new URL(url);
    this.server = `${hostname}:${port || (protocol === 'amqps:' ? '5671' : '5672')}`;
    this.vhost = decodeURIComponent(pathname.slice(1)) || '/';
    this.user = decodeURIComponent(username) || 'guest';
  }
}

function byRefusal({ code, message }: BrokerRefusal, { server, vhost, user: ofUrl }: Where): string {
  // RabbitMQ takes another than that of the URL from our certificate.
  const user = / for user '([^']+)'/.exec(message)?.[1] ?? ofUrl;
  if (/mechanism EXTERNAL/.test(message))
    return `expected ${server} to let the account of our certificate in, got: ${message}; make the user that it names (ssl_cert_login_from of RabbitMQ says which), and give it rights`;
  if (/vhost .* not found/.test(message))
    return (
      `expected the virtual host ${quoted(vhost)} on ${server} to exist, got: ${message}; correct AMQP_URL, or make it: ` +
      `rabbitmqctl add_vhost ${vhost} && rabbitmqctl set_permissions -p ${vhost} ${user} '.*' '.*' '.*'`
    );
  if (/limit/.test(message))
    return `expected ${server} to take one more connection, got: ${message}; end others, or raise the limit (rabbitmqctl list_vhost_limits, list_user_limits)`;
  if (/is down/.test(message))
    return `expected the virtual host ${quoted(vhost)} on ${server} to run, got: ${message}; run: rabbitmqctl restart_vhost -p ${vhost}, and read RabbitMQ's log`;
  if (code === 403)
    return `expected ${server} to let ${quoted(user)} in, got: ${message}; correct user and password in AMQP_URL (guest may come from RabbitMQ's own machine only)`;
  if (/access to vhost .* refused/.test(message))
    return (
      `expected ${quoted(user)} to have access to the virtual host ${quoted(vhost)} on ${server}, got: ${message}; correct AMQP_URL, or give it rights ` +
      `(docs/operate/rabbitmq.md): rabbitmqctl set_permissions -p ${vhost} ${user} …`
    );
  return `expected ${server} to accept the connection, got: ${message}`;
}

/** Explains errors of Node's sockets, name resolution and TLS. */
function bySystem(code: string, text: string, { server }: Where): string {
  // Those of OpenSSL end with a line feed.
  const message = text.trim();
  if (/^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ENOTFOUND|EAI_AGAIN)$/.test(code))
    return `expected RabbitMQ to answer on ${server}, got: ${code}; start it, or correct AMQP_URL`;
  // RabbitMQ's own alert: it is about our certificate, or about none.
  if (/^ERR_SSL_.*ALERT/.test(code))
    return `expected ${server} to take our certificate, got: ${message}; name one that its authorities have signed by AMQP_CERT_FILE, and its key by AMQP_KEY_FILE`;
  if (/CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA/.test(code))
    return `expected a certificate of ${server} that can be verified, got: ${message}; name its authority by AMQP_CA_FILE, or the host in AMQP_URL as the certificate has it`;
  if (/^(EPROTO|ERR_SSL_)/.test(code)) return `expected ${server} to offer TLS, got: ${message}; use amqp:// in AMQP_URL where RabbitMQ has none`;
  return `expected RabbitMQ to answer on ${server}, got: ${message}`;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

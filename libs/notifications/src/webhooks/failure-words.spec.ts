import { failureOf } from './failure-words.js';

const failed = (code: string, message = `said ${code}`) => failureOf(Object.assign(new Error(message), { code }));

describe('why a webhook had no answer', () => {
  it.each([
    ['ENOTFOUND', 'name_unknown', 'the name of the host leads to no address'],
    ['EAI_AGAIN', 'name_unknown', 'the name of the host leads to no address'],
    ['CERT_HAS_EXPIRED', 'not_trusted', 'its certificate has expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'not_trusted', 'its certificate is signed by nobody who is trusted here'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not_trusted', 'its certificate is for another name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'not_trusted', 'no TLS connection came about'],
    ['ECONNREFUSED', 'connection', 'nothing listens at its port'],
    ['UND_ERR_SOCKET', 'connection', 'the connection broke before an answer'],
    ['ETIMEDOUT', 'timeout', 'no connection in time'],
  ])('is said of %s as %s, in words first and then as the system has it', (code, reason, words) => {
    expect(failed(code)).toEqual({ reason, error: `${words} (said ${code})` });
  });

  it('is said as the system has it where there are no better words', () => {
    expect(failed('EMFILE')).toEqual({ reason: 'connection', error: 'said EMFILE' });
    expect(failureOf('odd')).toEqual({ reason: 'connection', error: 'odd' });
  });

  it('is that of the first address, of a host with several', () => {
    const refused = () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.3:80'), { code: 'ECONNREFUSED', syscall: 'connect', address: '10.0.0.3' });
    expect(failureOf(new AggregateError([refused(), refused()]))).toEqual({
      reason: 'connection',
      error: 'nothing listens at its port (connect ECONNREFUSED)',
    });
  });
});

/** What a page tries that somebody opens beside the console, in the browser that has the session. */
export const FOREIGN_ATTACK = (gateway: string, job: string) => `(async () => {
  const gateway = ${JSON.stringify(gateway)};
  const tries = {};
  const with_ = { credentials: 'include' };
  const json = { 'content-type': 'application/json', 'x-requested-by': 'console' };
  const calls = {
    read: ['/jobs', with_], session: ['/session', with_], sessions: ['/sessions', with_], keys: ['/keys', with_], audit: ['/audit', with_],
    readOpaquely: ['/jobs', { ...with_, mode: 'no-cors' }],
    pause: ['/kinds/debug.echo/pause', { ...with_, method: 'POST', headers: json, body: '{}' }],
    pauseOpaquely: ['/kinds/debug.echo/pause', { ...with_, method: 'POST', mode: 'no-cors', body: '{}' }],
    cancel: ['/jobs/${job}/cancel', { ...with_, method: 'POST', mode: 'no-cors' }],
    makeKey: ['/keys', { ...with_, method: 'POST', headers: json, body: '{"name":"evil","scopes":["admin"]}' }],
    signOut: ['/session', { ...with_, method: 'DELETE', headers: json }],
    signIn: ['/session', { ...with_, method: 'POST', mode: 'no-cors', body: '{"key":"lh_x"}' }],
    callback: ['/session/oidc/callback?code=a&state=b', { ...with_, mode: 'no-cors' }],
  };
  for (const [name, [path, init]] of Object.entries(calls))
    tries[name] = await fetch(gateway + path, init).then(async (answer) => answer.type === 'opaque' ? 'opaque' : answer.status + ' ' + await answer.text(), () => 'blocked');
  tries.stream = await new Promise((resolve) => {
    const source = new EventSource(gateway + '/jobs/events', { withCredentials: true });
    source.onopen = () => resolve('open');
    source.onerror = () => resolve('refused');
  });
  tries.socket = await new Promise((resolve) => {
    const socket = new WebSocket(gateway.replace('http', 'ws') + '/ws');
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });
  const frame = document.createElement('iframe');
  frame.name = 'target';
  document.body.append(frame);
  const form = document.createElement('form');
  Object.assign(form, { method: 'POST', action: gateway + '/kinds/debug.echo/pause', target: 'target' });
  document.body.append(form);
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  form.submit();
  await loaded;
  return tries;
})()`;

/** What a page tries whose own name was made to lead to the gateway. */
export const REBOUND_ATTACK = `(async () => {
  const tries = {};
  const json = { 'content-type': 'application/json', 'x-requested-by': 'console' };
  for (const [name, path, init] of [
    ['read', '/jobs', {}], ['session', '/session', {}], ['keys', '/keys', {}], ['console', '/console', {}], ['begin', '/session/oidc', { redirect: 'manual' }],
    ['callback', '/session/oidc/callback?code=a&state=b', {}],
    ['signIn', '/session', { method: 'POST', headers: json, body: '{"key":"lh_x"}' }],
    ['makeKey', '/keys', { method: 'POST', headers: json, body: '{"name":"evil","scopes":["admin"]}' }],
    ['signOut', '/session', { method: 'DELETE', headers: json }],
  ]) tries[name] = await fetch(path, init).then((answer) => String(answer.status), () => 'blocked');
  return tries;
})()`;

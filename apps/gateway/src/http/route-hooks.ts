import type { onSendAsyncHookHandler, preHandlerAsyncHookHandler, preHandlerHookHandler, RouteOptions } from 'fastify';

/** The hooks that one route can have for itself, so that the others do not pay for them. */
interface RouteHooks {
  preHandler: preHandlerAsyncHookHandler | preHandlerHookHandler;
  onSend: onSendAsyncHookHandler;
}

/** Adds a hook to a route behind those that it has. Call it in `onRoute`, before the route is made. */
export function addHookTo<Name extends keyof RouteHooks>(route: RouteOptions, name: Name, hook: RouteHooks[Name]): void {
  Object.assign(route, { [name]: [...[route[name] ?? []].flat(), hook] });
}

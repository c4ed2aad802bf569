import type { FastifyReply } from 'fastify';

/** Says that an answer depends on a header, beside what it was said to depend on before. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary');
  void reply.header('vary', before === undefined ? name : `${String(before)}, ${name}`);
}

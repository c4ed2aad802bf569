import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { publicPath, Refusal } from '@app/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { escaped } from '../http/page.js';
import { addVary } from '../http/vary.js';
import { type ConsoleFile, type ConsoleFiles, readConsole } from './console-files.js';

export const CONSOLE_PATH = '/console';

const unpacked = promisify(gunzip);
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Stands in the page where the build has put the nonce of its scripts and styles. */
const NONCE = /LONGHAUL_NONCE/g;
const BYTES_OF_NONCE = 16;

interface ConsoleOptions {
  places?: readonly string[];
  /** The name of the identity provider with whose accounts people can sign in; empty where there is none. */
  provider?: string;
}

/**
 * Serves the console: its page at every path below /console, for its screens are paths, and its files beside it. It has no data of its own, and asks the
 * API as any client does.
 */
export async function serveConsole(fastify: FastifyInstance, { places, provider = '' }: ConsoleOptions = {}): Promise<void> {
  const built = await readConsole(places);
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> => {
    if (!built) throw new Refusal('not_found', 'the console is not part of this build; npm run build makes it (after npm ci), and npm packages have it');
    const path = (request.params as { '*'?: string })['*'] ?? '';
    const file = built.files.get(path);
    if (file) return sendFile(request, reply, file);
    if (path.startsWith('assets/'))
      throw new Refusal('not_found', `the console of this version has no file ${JSON.stringify(path.slice(0, 100))}; load its page again`);
    return sendPage(reply, built, provider);
  };
  fastify.get(CONSOLE_PATH, answer);
  fastify.get(`${CONSOLE_PATH}/*`, answer);
}

/** The page is written for each answer: its nonce is new, and its paths are below that of PUBLIC_URL. */
function sendPage(reply: FastifyReply, { page }: ConsoleFiles, provider: string): FastifyReply {
  const nonce = randomBytes(BYTES_OF_NONCE).toString('base64');
  const path = publicPath('');
  const text = page
    .replace(NONCE, nonce)
    .replaceAll(/(href|src)="\.\//g, `$1="${escaped(path)}${CONSOLE_PATH}/`)
    .replace('name="longhaul-path" content=""', () => `name="longhaul-path" content="${escaped(path)}"`)
    .replace('name="longhaul-oidc" content=""', () => `name="longhaul-oidc" content="${escaped(provider)}"`);
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('content-security-policy', policy(nonce)).send(text);
}

/** Scripts and styles of ours alone, none in line without the nonce; what it asks for comes from here; nobody frames it. */
function policy(nonce: string): string {
  const own = `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src ${own}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

async function sendFile({ headers }: FastifyRequest, reply: FastifyReply, { gzip, type, isHashed }: ConsoleFile): Promise<FastifyReply> {
  addVary(reply, 'Accept-Encoding');
  void reply.type(type).header('cache-control', isHashed ? FOR_EVER : 'no-cache');
  if (/\bgzip\b(?!\s*;\s*q=0(\.0*)?(\s|,|$))/i.test(headers['accept-encoding'] ?? '')) return reply.header('content-encoding', 'gzip').send(gzip);
  return reply.send(await unpacked(gzip));
}

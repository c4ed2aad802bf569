// The few calls of Longhaul's HTTP API that the demo makes: no more than any client would.

import fs from 'node:fs'; // Not by name: see node-version.mjs.
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlainError } from './log.mjs';

/** @typedef {{ id: string, kind: string, state: string, attempt: number, progress: { done: number, total: number } | null, result: any, error: { message: string } | null }} JobView */

const TERMINAL = ['succeeded', 'failed', 'cancelled'];

export class GatewayClient {
  /** @param {string} url */
  constructor(url) {
    this.url = url.replace(/\/+$/, '');
  }

  async isReady() {
    try {
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(3_000) });
      return response.ok;
    } catch {
      return false;
    }
  }

  /** @param {string} path @returns {Promise<{ id: string }>} */
  async upload(path) {
    const form = new FormData();
    form.set('file', await fs.openAsBlob(path, { type: 'text/csv' }), basename(path));
    return this.#call('POST', '/files', { body: form });
  }

  /** @param {{ kind: string, payload: object }} job @returns {Promise<JobView>} */
  async submit(job) {
    return this.#call('POST', '/jobs', {
      body: JSON.stringify(job),
      headers: { 'content-type': 'application/json', 'idempotency-key': `"${crypto.randomUUID()}"` },
    });
  }

  /**
   * Polls until the job has ended, telling of each look.
   * @param {string} id @param {(job: JobView) => void} onLook @returns {Promise<JobView>}
   */
  async follow(id, onLook) {
    for (;;) {
      const job = await this.#call('GET', `/jobs/${id}`, {});
      onLook(job);
      if (TERMINAL.includes(job.state)) return job;
      await delay(100);
    }
  }

  /** @param {string} method @param {string} path @param {RequestInit} init @returns {Promise<any>} */
  async #call(method, path, init) {
    const response = await fetch(this.url + path, { method, ...init });
    if (response.ok) return response.json();
    throw new PlainError(`expected ${method} ${path} to be accepted, got ${response.status}: ${await response.text()}`);
  }
}

// Generated from the options of the core by `npm run contract`: change libs/core/src/job/job-options.ts, and run it again.

/** The options of a job, each with what it is, and with what stands for a value in a text of usage. */
export const JOB_OPTIONS: Readonly<Record<string, { is: 'text' | 'integer' | 'texts' | 'unique'; shown: string }>> = {
  queue: { is: 'text', shown: '<name>' },
  priority: { is: 'integer', shown: '<0-9>' },
  runAt: { is: 'text', shown: '<time>' },
  delay: { is: 'text', shown: '<30s>' },
  startBefore: { is: 'text', shown: '<time|1h>' },
  timeout: { is: 'text', shown: '<15m>' },
  maxAttempts: { is: 'integer', shown: '<n>' },
  callbackUrl: { is: 'text', shown: '<url>' },
  notifyEmail: { is: 'text', shown: '<address>' },
  unique: { is: 'unique', shown: '<key>' },
  flowKey: { is: 'text', shown: '<key>' },
  tags: { is: 'texts', shown: '<tag>' },
};

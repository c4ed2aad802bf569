import { failStart } from '../lifecycle.js';

/** Loads the configuration of the project and ends this process: with 0, or with 1 and what is wrong. */
export async function checkConfig(): Promise<never> {
  try {
    // Not at the top: whoever imports this room for something else loads nothing of a project.
    const { loadConfig } = await import('../load-config.js');
    await loadConfig(process.env);
  } catch (error) {
    failStart(error);
  }
  process.exit(0);
}

/** What runs a project's processes: tools/lib/project.mjs, beside the build in a checkout and in the npm package alike. */
interface Project {
  start(options: { watch: boolean }): Promise<number>;
  run(app: 'gateway' | 'worker', file?: string, args?: string[]): Promise<number>;
}

/** Loaded by its path, and only by the commands that start something: those that speak HTTP need none of it. */
export async function project(): Promise<Project> {
  return (await import(new URL('../../../../../tools/lib/project.mjs', import.meta.url).href)) as Project;
}

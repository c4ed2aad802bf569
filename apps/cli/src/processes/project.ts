/** The functions of tools/lib/project.mjs, which run a project's processes. The file is beside the build, in a checkout and in the npm package. */
interface Project {
  start(options: { watch: boolean }): Promise<number>;
  run(app: 'gateway' | 'worker', file?: string, args?: string[]): Promise<number>;
}

/** Loads it by its path, and only for commands that start processes: commands that speak HTTP do not need it. */
export async function project(): Promise<Project> {
  return (await import(new URL('../../../../../tools/lib/project.mjs', import.meta.url).href)) as Project;
}

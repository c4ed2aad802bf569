import { kinds } from '@app/jobs';
import { defineConfig } from '@app/sdk/config';

/** The jobs of this repository. `npm run new:job` adds to them. */
export default defineConfig({ jobs: kinds });

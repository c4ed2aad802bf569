import { IsString, MaxLength } from 'class-validator';
import { type Handles, type JobContext, JobHandler } from 'longhaul';

export class Name {
  @IsString() @MaxLength(100) name!: string;
}

@JobHandler({ kind: 'hello.say', payload: Name })
export class SayHello implements Handles<Name, { text: string }> {
  async run({ name }: Name, job: JobContext) {
    job.log(`greeting ${name}`);
    return { text: `Hello, ${name}!` };
  }
}

import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { type Handles, type JobContext, JobHandler } from 'longhaul';

export class RenderReportPayload {
  @IsString() @MaxLength(100) title!: string;
  @IsInt() @Min(1) @Max(10_000) rows!: number;
}

/** Safe to repeat: it changes nothing outside. An attempt may be cut off anywhere, and is then made again. */
@JobHandler({ kind: 'report.render', description: 'Renders a table as CSV.', payload: RenderReportPayload })
export class RenderReport implements Handles<RenderReportPayload, { csv: string }> {
  async run({ title, rows }: RenderReportPayload, job: JobContext): Promise<{ csv: string }> {
    const lines = [title];
    for (let row = 1; row <= rows; row++) {
      // Fires on cancel, timeout and shutdown.
      job.signal.throwIfAborted();
      lines.push(`${row},${row * row}`);
      job.progress({ done: row, total: rows });
    }
    return { csv: lines.join('\n') };
  }
}

/** Which schedule has made a job, and for which tick. */
export interface JobSchedule {
  id: string;
  tick: Date;
  /** The tick before: from it to `tick` is the time that a report is about. Null for the first. */
  previousTick: Date | null;
}

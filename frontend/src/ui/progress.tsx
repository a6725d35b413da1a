// A task that runs: what it does now, how far it is, and a way to stop it.

export interface Running {
  readonly label: string;
  /** what it does now, where its steps have names */
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** Whether a task counts things; one whose steps have names tells its share only. */
export function counts({ label, step, total }: Running): boolean {
  return total > 0 && (step === '' || step === label);
}

export function shareOf({ done, total }: Running): number {
  return total > 0 ? Math.min(1, done / total) : 0;
}

export function JobProgress({ job, onCancel }: { job: Running; onCancel: () => void }) {
  const share = shareOf(job);
  return (
    <div class="progress" role="progressbar" aria-label={job.label} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100}>
      <span class="clip" title={job.step}>{job.step === '' ? job.label : job.step}</span>
      <span class="num muted">{Math.floor(share * 100)} %</span>
      <span class="track"><i style={{ width: `${share * 100}%` }} /></span>
      <button type="button" class="btn small" onClick={onCancel}>Cancel</button>
    </div>
  );
}

import { IconCircleDashed } from "@tabler/icons-react";

import type { Job, JobStep } from "@/client/types";
import { stepTitle } from "@/components/plan/words";
import { ProgressBar, progressWords } from "@/components/progress/ProgressBar";
import { Badge, StepBadge } from "@/components/state/State";
import { Took } from "@/components/Time";

import { isOver } from "../words";
import classes from "./Steps.module.css";

interface Props {
  job: Job;
  /** The step whose log is shown; none: all. */
  chosen: string | undefined;
  onChoose: (step: string | undefined) => void;
}

/** The steps as one line from above to below: what is done, what goes on, what comes. */
export function Steps({ job, chosen, onChoose }: Props) {
  return (
    <nav className={classes.nav} aria-label="Steps">
      <ol className={classes.steps}>
        {job.steps.map((step) => (
          <Step
            key={step.name}
            step={step}
            over={isOver(job)}
            chosen={chosen === step.name}
            onChoose={() => onChoose(chosen === step.name ? undefined : step.name)}
          />
        ))}
      </ol>
    </nav>
  );
}

function Step({ step, over, chosen, onChoose }: { step: JobStep; over: boolean; chosen: boolean; onChoose: () => void }) {
  const { progress } = step;
  const runs = step.state === "running";
  return (
    <li className={classes.step} data-state={step.state}>
      <button type="button" className={classes.button} aria-pressed={chosen} onClick={onChoose} title={chosen ? "Show the log of all steps" : `Show the log of ${step.name}`}>
        <span className={classes.name}>{stepTitle(step.name)}</span>
        <span className={classes.line}>
          {/* It waits for nothing any more. */}
          {over && step.state === "pending" ? <Badge word="not run" tone="idle" icon={IconCircleDashed} /> : <StepBadge step={step} />}
          {step.started_at && (
            <span className="figures">
              <Took from={step.started_at} to={step.ended_at} />
            </span>
          )}
          {step.attempt > 1 && <span>attempt {step.attempt}</span>}
        </span>
        {runs && (
          <span className={classes.progress}>
            <ProgressBar what={`Progress of ${step.name}`} share={progress?.total ? progress.done / progress.total : null} />
            <span>{[progressWords(progress), progress?.note].filter(Boolean).join(" · ")}</span>
          </span>
        )}
      </button>
    </li>
  );
}

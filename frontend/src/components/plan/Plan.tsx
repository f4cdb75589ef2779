import { IconAlertTriangle, IconCircleX } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Estimate, Step } from "@/client/types";
import { bytes } from "@/lib/format";
import { commandLine } from "@/lib/shell";

import { Copy } from "../Copyable";
import { Words } from "../Words";
import { basisOf, seconds } from "./figures";
import classes from "./Plan.module.css";
import { PlannedStep } from "./PlannedStep";

export interface Planned {
  steps: Step[];
  estimate: Estimate;
  refusals?: { reason?: string; remedy?: string }[];
  warnings?: string[];
}

interface Props {
  plan: Planned;
  /** A newer answer is on its way: this one is of what was asked before. */
  stale?: boolean;
  /** What can be done at once about a reason against it. */
  mend?: (reason: string) => ReactNode;
  /** Beside a step's figures: what it really took. */
  real?: (step: Step, index: number) => ReactNode;
}

/** What would run: what speaks against it, what it needs, and each command. */
export function Plan({ plan, stale = false, mend, real }: Props) {
  return (
    <div className={classes.plan} data-stale={stale || undefined} aria-busy={stale}>
      <Reasons plan={plan} mend={mend} />
      <Totals estimate={plan.estimate} says={plan.steps.length !== 1} />
      {plan.steps.length > 0 && (
        <section aria-label="Commands">
          <div className={classes.stepsHeader}>
            <h3 className={classes.heading}>Commands</h3>
            <Copy value={plan.steps.map((step) => commandLine(step.argv, step.env)).join("\n")} what="all commands" />
          </div>
          <ol className={classes.steps}>
            {plan.steps.map((step, index) => (
              <PlannedStep key={`${index} ${step.name}`} step={step} real={real?.(step, index)} />
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

/** `says`: how it was estimated. Of one step, that step says it. */
function Totals({ estimate, says }: { estimate: Estimate; says: boolean }) {
  const basis = basisOf(estimate);
  return (
    <div>
      <dl className={classes.totals}>
        <Total name="Disk" value={bytes(estimate.disk_bytes)} />
        <Total name="Memory" value={bytes(estimate.memory_bytes)} />
        <Total name="Time" value={seconds(estimate)} />
      </dl>
      {says && basis && <div className={classes.note}>How it was estimated: {basis}.</div>}
    </div>
  );
}

function Total({ name, value }: { name: string; value: string }) {
  return (
    <div className={classes.total}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Reasons({ plan, mend }: Pick<Props, "plan" | "mend">) {
  const { refusals = [], warnings = [] } = plan;
  if (!refusals.length && !warnings.length) return null;
  return (
    <ul className={classes.reasons} aria-label="What to know before it starts">
      {refusals.map(({ reason = "", remedy }) => (
        <li key={reason} className={classes.reason} data-tone="bad">
          <IconCircleX size={18} className={classes.reasonIcon} aria-hidden />
          <div className={classes.reasonWords}>
            <p>
              <strong>
                <Words text={reason} />
              </strong>
            </p>
            {remedy && (
              <p>
                <Words text={remedy} />
              </p>
            )}
            {mend?.(reason)}
          </div>
        </li>
      ))}
      {warnings.map((warning) => (
        <li key={warning} className={classes.reason} data-tone="wait">
          <IconAlertTriangle size={18} className={classes.reasonIcon} aria-hidden />
          <p className={classes.reasonWords}>
            <Words text={warning} />
          </p>
        </li>
      ))}
    </ul>
  );
}

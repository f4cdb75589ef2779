import { Button, Skeleton } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";

import { asProblem, Problem } from "@/client/problem";
import type { RunPlan } from "@/client/types";
import { Code } from "@/components/Copyable";
import { Plan } from "@/components/plan/Plan";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { plural } from "@/lib/format";

import { download } from "../download";
import classes from "./Train.module.css";

interface Props {
  /** The last one that was made. */
  plan: RunPlan | undefined;
  error: Error | null;
  /** A newer one is on its way. */
  stale: boolean;
  /** Why none can be made yet. */
  missing: string | null;
  retry: () => void;
  start: { run: () => void; pending: boolean; error: Error | null };
}

/** What the form would run, asked anew after every change, and the button that runs it. */
export function TrainPlan({ plan, error, stale, missing, retry, start }: Props) {
  const hindrance = missing ?? hindranceOf(error ? undefined : plan, stale);
  return (
    <section className={classes.panel} aria-label="Plan">
      <div className={classes.panelHeader}>
        <h2 className={classes.panelTitle}>What it would run</h2>
        <Button disabled={hindrance !== null} loading={start.pending} title={hindrance ?? undefined} onClick={start.run}>
          Start training
        </Button>
      </div>
      {start.error && <ProblemAlert error={start.error} />}
      {missing !== null ? (
        <p className={classes.note}>{missing}</p>
      ) : error ? (
        <ProblemAlert error={besideFields(error)} retry={retry} />
      ) : plan ? (
        <>
          <p className={classes.length} data-stale={stale || undefined}>
            <b>{plural(plan.total_steps, "step")}</b> with the chat template <b>{plan.template}</b>, saved as <b dir="auto">{plan.name}</b>
          </p>
          <Plan plan={plan} stale={stale} />
          {plan.refusals.length > 0 && (
            <div>
              <Button size="compact-sm" variant="default" onClick={retry}>
                Look again
              </Button>
            </div>
          )}
          <Yaml plan={plan} />
        </>
      ) : (
        <div aria-busy>
          <Skeleton height={64} mb={16} />
          <Skeleton height={160} />
        </div>
      )}
    </section>
  );
}

/** The configuration in force, as a file that `tunesmith train` takes. */
function Yaml({ plan }: { plan: RunPlan }) {
  return (
    <details className={classes.yaml}>
      <summary className={classes.summary}>
        Settings as YAML <span className={classes.note}>for the command line, or to keep</span>
      </summary>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={() => download(`${plan.name}.yaml`, plan.config)}
      >
        Download
      </Button>
      <Code text={plan.config} what="settings as YAML" />
    </details>
  );
}

/** Without the single values that are wrong: those stand beside their fields. */
function besideFields(error: Error): Problem {
  const { title, detail, remedy, status, incident } = asProblem(error);
  return new Problem({ title, detail, remedy, status, incident });
}

function hindranceOf(plan: RunPlan | undefined, stale: boolean): string | null {
  if (!plan) return "There is no plan yet.";
  if (stale) return "The plan is being made.";
  return plan.refusals.length ? "Something speaks against it; the plan says what." : null;
}

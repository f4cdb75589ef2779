import { Anchor, Button, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { makeRelease, releasePlanQuery } from "@/client/queries/releases";
import type { ReleasePlan, ReleaseRequest } from "@/client/types";
import { Plan } from "@/components/plan/Plan";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import { requestOf, type ReleaseForm } from "./form";
import classes from "./ReleasePage.module.css";

const SETTLE_MS = 350;

interface Props {
  form: ReleaseForm;
  change: (next: Partial<ReleaseForm>) => void;
  /** The form was sent: it begins anew. */
  done: () => void;
}

/** What the form would run, asked anew after every change, and the button that runs it. */
export function PlanPanel({ form, change, done }: Props) {
  const navigate = useNavigate();
  const request = requestOf(form);
  const [asked] = useDebouncedValue(request, SETTLE_MS);
  const settled = JSON.stringify(asked) === JSON.stringify(request);
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery(releasePlanQuery(asked));
  const release = useMutation({
    mutationFn: (wanted: ReleaseRequest) => makeRelease(wanted),
    onSuccess: async (job) => {
      await navigate({ to: "/jobs/$id", params: { id: job.id } });
      done();
    },
  });
  const stale = !settled || isPlaceholderData;
  const hindrance = hindranceOf(form, request, error ? undefined : data, stale);
  return (
    <section className={classes.panel} aria-label="Plan">
      <div className={classes.panelHeader}>
        <h2 className={classes.panelTitle}>What it would run</h2>
        <Button
          disabled={hindrance !== null}
          loading={release.isPending}
          title={hindrance ?? undefined}
          onClick={() => request && release.mutate(request)}
        >
          Release
        </Button>
      </div>
      {release.error && <ProblemAlert error={release.error} />}
      {!request ? (
        <p className={classes.why}>{hindrance}</p>
      ) : error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : data ? (
        <Plan plan={data} stale={stale} mend={(reason) => <Mend plan={data} reason={reason} form={form} change={change} />} />
      ) : (
        <Waiting said={isFetching} />
      )}
    </section>
  );
}

/** Models are known by their content: a large base that was never read takes a while. */
function Waiting({ said }: { said: boolean }) {
  return (
    <div aria-busy>
      <Skeleton height={64} mb={16} />
      <Skeleton height={200} />
      {said && <p className={classes.why}>Looking at adapter and base. A large base that is new here is read once, which may take minutes.</p>}
    </div>
  );
}

/** A reason against an adapter that a merge wouldn't mind can be dealt with at once. */
function Mend({ plan, reason, form, change }: { plan: ReleasePlan; reason: string } & Pick<Props, "form" | "change">) {
  const mends = form.way === "adapter" && plan.refusals.some((each) => each.reason === reason && each.remedy.includes("--path merge"));
  if (!mends) return null;
  return (
    <Anchor component="button" type="button" onClick={() => change({ way: "merge" })}>
      Merge it instead
    </Anchor>
  );
}

/** Why nothing can be released now; null when it can. */
function hindranceOf(form: ReleaseForm, request: ReleaseRequest | null, plan: ReleasePlan | undefined, stale: boolean): string | null {
  if (form.adapter === "") return "Choose an adapter, and the plan stands here.";
  if (!request) return form.name ? "Give it a name that can be one, and the plan stands here." : "Give it a name, and the plan stands here.";
  if (!plan) return "There is no plan yet.";
  if (stale) return "The plan is being made.";
  return plan.refusals.length ? "Something speaks against it; the plan says what." : null;
}

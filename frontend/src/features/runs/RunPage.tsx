import { Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import type { Columns } from "@/client/columns";
import { runsQuery } from "@/client/queries/lists";
import { runQuery } from "@/client/queries/runs";
import type { Job, Run } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page, Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { ProgressBar } from "@/components/progress/ProgressBar";
import { about, count } from "@/lib/format";

import { useCurves } from "./curves/useCurves";
import { Elsewhere } from "./run/Elsewhere";
import { Kept } from "./run/Kept";
import { RunActions } from "./run/RunActions";
import { RunCurves } from "./run/RunCurves";
import { RunFacts } from "./run/RunFacts";
import { Settings } from "./run/Settings";
import classes from "./RunPage.module.css";
import { asDrawn, remaining } from "./runs";
import { isRunning, RunState, useRunJob } from "./RunState";
import type { CurveSearch } from "./search";

const route = getRouteApi("/runs/$");

/** One training: how it stands, its curves, what it saved, what it was told. */
export function RunPage() {
  const { _splat: name = "" } = route.useParams();
  const { data: list, error: unlisted } = useQuery(runsQuery);
  const listed = list?.runs.find((run) => run.name === name);
  // One that isn't listed: the API says why.
  const alone = useQuery({ ...runQuery(name), enabled: !listed && (list !== undefined || unlisted !== null) });
  const run = listed ?? alone.data;
  if (run) return <OneRun key={name} run={run} />;
  if (!alone.error) return <Loading name={name} />;
  return (
    <Page title={name}>
      <ProblemAlert
        error={alone.error}
        retry={() => void alone.refetch()}
        action={
          <LinkButton to="/runs" size="compact-sm">
            All runs
          </LinkButton>
        }
      />
    </Page>
  );
}

function OneRun({ run: listed }: { run: Run }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const job = useRunJob(listed);
  const running = isRunning(listed, job);
  const [curves] = useCurves([listed.name], [listed]);
  // A curve that can't be read on stands still; the list goes on.
  const run = curves?.error ? listed : asDrawn(listed, curves?.columns);
  const change = (next: CurveSearch) => void navigate({ search: (before) => ({ ...before, ...next }), replace: "smooth" in next });
  return (
    <Page title={run.name} lead={<Lead run={run} job={job} columns={curves?.columns} />} actions={<RunActions run={run} job={job} />}>
      {running && <ProgressBar what={`Training ${run.name}`} share={run.total_steps ? (run.step ?? 0) / run.total_steps : null} />}
      <Section title="Curves" aside={<Elsewhere name={run.name} />}>
        {curves?.error && !curves.columns && <ProblemAlert error={curves.error} />}
        {curves?.columns ? <RunCurves columns={curves.columns} search={search} change={change} /> : !curves?.error && <Skeleton height={280} />}
      </Section>
      <RunFacts run={run} columns={curves?.columns} />
      <Kept run={run} running={running} />
      <Settings name={run.name} outside={run.made_outside} />
    </Page>
  );
}

/** "running · step 40 of 80 · about 2 min left" */
function Lead({ run, job, columns }: { run: Run; job: Job | undefined; columns: Columns | undefined }) {
  const step = job?.steps.find(({ name }) => name === "train");
  const left = step?.progress?.eta_seconds ?? remaining(run, columns?.elapsed.findLast((value) => value !== null));
  const words = [
    run.step != null && `step ${count(run.step)}${run.total_steps ? ` of ${count(run.total_steps)}` : ""}`,
    isRunning(run, job) && left != null && `${about(left)} left`,
  ].filter(Boolean);
  return (
    <span className={classes.lead}>
      <RunState run={run} />
      {words.length > 0 && <span>{words.join(" · ")}</span>}
    </span>
  );
}

function Loading({ name }: { name: string }) {
  return (
    <Page title={name} lead={<LeadLoading />}>
      <Stack gap={16} aria-hidden>
        <Skeleton height={280} />
        <Skeleton height={120} />
      </Stack>
    </Page>
  );
}

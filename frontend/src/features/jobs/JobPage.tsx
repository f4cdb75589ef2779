import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";

import { jobQuery } from "@/client/queries/jobs";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import type { Job } from "@/client/types";

import { AfterJob } from "./page/AfterJob";
import { JobActions } from "./page/JobActions";
import { JobLead } from "./page/JobLead";
import { Notices } from "./page/Notices";
import { Steps } from "./page/Steps";
import { JobTabs } from "./page/JobTabs";
import classes from "./JobPage.module.css";

const route = getRouteApi("/jobs/$id");

/** One job: its steps, and beside them its log, its commands, its parity report, what it made. */
export function JobPage() {
  const { id } = route.useParams();
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  if (job) return <Known key={id} job={job} />;
  return (
    <Page title={id} lead={!error && <LeadLoading />}>
      {error ? (
        <ProblemAlert
          error={error}
          retry={() => void refetch()}
          action={
            <LinkButton to="/jobs" size="compact-sm" variant="default">
              All jobs
            </LinkButton>
          }
        />
      ) : (
        <Skeleton height={320} role="status" aria-label="Loading the job" />
      )}
    </Page>
  );
}

function Known({ job }: { job: Job }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = search.step;
  return (
    <Page title={job.title} lead={<JobLead job={job} />} actions={<JobActions job={job} />} full>
      <Notices job={job} onParity={() => void navigate({ search: { tab: "parity" } })} />
      <AfterJob job={job} />
      <div className={classes.columns}>
        <Steps
          job={job}
          chosen={chosen}
          onChoose={(step) => void navigate({ search: { ...search, tab: undefined, step } })}
        />
        <JobTabs job={job} search={search} change={(next) => void navigate({ search: { ...search, ...next } })} />
      </div>
    </Page>
  );
}

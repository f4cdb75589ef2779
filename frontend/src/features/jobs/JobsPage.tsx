import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Button, Skeleton } from "@mantine/core";
import { useCallback, useMemo } from "react";

import { jobList, liveJobs } from "@/client/queries/jobs";
import { Empty } from "@/components/Empty";
import { NextStep } from "@/components/NextStep";
import { LeadLoading, Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { plural } from "@/lib/format";

import { JobFilters } from "./list/JobFilters";
import { JobTable } from "./list/JobTable";
import type { JobsSearch } from "./search";

const route = getRouteApi("/jobs");

/** All jobs, newest first: what runs, what ran, what failed. */
export function JobsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { state, kind, q } = search;
  const filter = useMemo(() => ({ state, kind, q }), [state, kind, q]);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(jobList(filter));
  const jobs = useMemo(() => data?.pages.flat(), [data]);
  const change = useCallback(
    (next: Partial<JobsSearch>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  );
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const filtered = Boolean(state ?? kind ?? q);

  return (
    <Page title="Jobs" lead={<Now />} full>
      <JobFilters search={search} change={change} kinds={jobs?.map((job) => job.kind) ?? []} />
      {error && !jobs && <ProblemAlert error={error} retry={() => void refetch()} />}
      {!jobs && !error && <Loading />}
      {jobs && jobs.length > 0 && <JobTable jobs={jobs} whole={!hasNextPage} more={more} />}
      {jobs?.length === 0 && (filtered ? <NoneFits clear={() => void navigate({ search: {} })} /> : <None />)}
    </Page>
  );
}

/** "2 running, 1 waiting" */
function Now() {
  const { data: jobs } = useQuery(liveJobs);
  if (!jobs) return <LeadLoading />;
  const running = jobs.filter((job) => job.state === "running").length;
  const waiting = jobs.filter((job) => job.state === "pending").length;
  if (!running && !waiting) return <>Nothing runs now.</>;
  return <>{[running && `${plural(running, "job")} running`, waiting && `${waiting} waiting`].filter(Boolean).join(", ")}</>;
}

function NoneFits({ clear }: { clear: () => void }) {
  return (
    <Empty
      title="No job fits"
      action={
        <Button variant="default" onClick={clear}>
          Show all
        </Button>
      }
    >
      Names, ids and kinds are looked through.
    </Empty>
  );
}

function None() {
  return (
    <Empty title="No job yet" action={<NextStep to="train" />}>
      Everything that takes a while is a job: a training, a release, an import, the installation of a tool. Each stands here with its
      steps, its commands and its log, also when it is long over.
    </Empty>
  );
}

function Loading() {
  return (
    <div aria-busy aria-label="Loading the jobs">
      {Array.from({ length: 8 }, (_, index) => (
        <Skeleton key={index} height={32} mb={8} />
      ))}
    </div>
  );
}

import { Button, Skeleton, Stack } from "@mantine/core";
import { IconActivity, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";

import { Problem } from "@/client/problem";
import { datasetsQuery, runsQuery } from "@/client/queries/lists";
import type { Dataset } from "@/client/types";
import { Code } from "@/components/Copyable";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page, Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { Time } from "@/components/Time";
import { bytes, plural } from "@/lib/format";

import { DatasetFacts } from "./DatasetFacts";
import classes from "./DatasetPage.module.css";
import { DeleteDataset } from "./DeleteDataset";
import { FORMAT_WORDS } from "./look";
import { Remarks } from "./LookView";
import { RowList } from "./RowList";

const route = getRouteApi("/data/$name");

/** One data set: its rows, where they are from, what was trained on them. */
export function DatasetPage() {
  const { name } = route.useParams();
  const { data, error, refetch } = useQuery(datasetsQuery);
  const dataset = data?.datasets.find((each) => each.name === name);
  if (data ? !dataset : error) {
    const gone = new Problem({ title: `There is no data set “${name}”`, status: 404, detail: "It was deleted, or never was." });
    return (
      <Page title={name}>
        <ProblemAlert
          error={data ? gone : error}
          retry={() => void refetch()}
          action={
            <LinkButton to="/data" size="compact-sm">
              All data sets
            </LinkButton>
          }
        />
      </Page>
    );
  }
  return dataset ? <Shown dataset={dataset} /> : <Loading name={name} />;
}

function Shown({ dataset }: { dataset: Dataset }) {
  const { name, rows, format, bytes: size, problems, bad, bad_count, path } = dataset;
  const broken = problems.length > 0;
  return (
    <Page
      title={name}
      lead={broken ? problems.join("; ") : [plural(rows, "row"), FORMAT_WORDS[format], bytes(size)].join(" · ")}
      actions={<Actions dataset={dataset} />}
    >
      {!broken && <RowList dataset={dataset} />}
      <Remarks
        title={`${plural(bad_count, "row")} left out when it was added`}
        remarks={bad.map(({ line, reason }) => ({ where: `line ${line}`, question: "", reason }))}
        all={bad_count}
        open={false}
      />
      <DatasetFacts dataset={dataset} />
      <UsedBy name={name} />
      <Section title="Path" aside="From the home folder">
        <Code text={path} what="path" />
      </Section>
    </Page>
  );
}

function Actions({ dataset }: { dataset: Dataset }) {
  const [deleting, setDeleting] = useState(false);
  const navigate = route.useNavigate();
  return (
    <>
      {dataset.problems.length === 0 && (
        <LinkButton to="/train" search={{ dataset: [dataset.name] }} leftSection={<IconActivity size={16} aria-hidden />}>
          Train on it
        </LinkButton>
      )}
      <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      {deleting && (
        <DeleteDataset dataset={dataset} close={() => setDeleting(false)} done={() => void navigate({ to: "/data" })} />
      )}
    </>
  );
}

const RUNS_SHOWN = 50;

/** Runs that had these rows, the latest first. */
function UsedBy({ name }: { name: string }) {
  const { data, isPending } = useQuery(runsQuery);
  const runs = (data?.runs ?? [])
    .filter(({ datasets }) => datasets.includes(name))
    .sort((a, b) => (a.modified_at < b.modified_at ? 1 : -1));
  return (
    <Section title="Trained on it">
      {isPending ? <Skeleton height={24} /> : null}
      {!isPending && runs.length === 0 ? <p className={classes.none}>No run has had it yet.</p> : null}
      {runs.length > 0 && (
        <ul className={classes.runs}>
          {runs.slice(0, RUNS_SHOWN).map((run) => (
            <li key={run.name}>
              <Link to="/runs/$" params={{ _splat: run.name }} dir="auto">
                {run.name}
              </Link>{" "}
              <span className={classes.when}>
                <Time at={run.modified_at} />
              </span>
            </li>
          ))}
          {runs.length > RUNS_SHOWN && <li>and {runs.length - RUNS_SHOWN} more</li>}
        </ul>
      )}
    </Section>
  );
}

function Loading({ name }: { name: string }) {
  return (
    <Page title={name} lead={<LeadLoading />}>
      <Stack gap={16} aria-hidden>
        <Skeleton height={360} />
        <Skeleton height={120} />
      </Stack>
    </Page>
  );
}

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { importModel } from "@/client/queries/artifacts";
import type { Artifact, Job } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import classes from "./Home.module.css";
import { pairToChat, unreleased, type Known, type StationName } from "./stations";
import { useDemoRows } from "./useDemoRows";

interface Props {
  station: StationName;
  known: Known;
  /** It is what to do now. */
  next: boolean;
}

/** The one thing to do at a station. */
export function StationAction({ station, known, next }: Props) {
  const look = { size: "compact-md" as const, variant: next ? "filled" : "default" };
  switch (station) {
    case "data":
      return <DataActions known={known} look={look} />;
    case "runs":
      return (
        <LinkButton to="/train" {...look}>
          Train
        </LinkButton>
      );
    case "models":
      return <ModelActions known={known} look={look} />;
    case "release": {
      const [adapter] = known.artifacts && known.releases ? unreleased(known.artifacts, known.releases) : [];
      return (
        <LinkButton to="/release" search={{ adapter: adapter?.id }} title={adapter?.id} {...look}>
          Release
        </LinkButton>
      );
    }
    case "chat":
      return (
        <LinkButton to="/chat" search={pairToChat(known.deployments ?? [], known.releases ?? [])} {...look}>
          Chat
        </LinkButton>
      );
  }
}

interface Look {
  size: "compact-md";
  variant: string;
}

function DataActions({ known, look }: { known: Known; look: Look }) {
  const base = known.artifacts?.find((each) => each.kind === "base");
  return (
    <>
      <LinkButton to="/data" search={{ add: "file" }} {...look}>
        Add rows
      </LinkButton>
      {base && known.datasets?.length === 0 && <DemoRows base={base} />}
    </>
  );
}

function DemoRows({ base }: { base: Artifact }) {
  const { take, busy, job, error } = useDemoRows(base.id);
  return (
    <>
      <Button size="compact-md" variant="default" onClick={take} loading={busy && !job} disabled={busy}>
        Take the demo’s rows
      </Button>
      {job && <JobNote job={job} words="They are being made; keep this page open:" />}
      {error && <ProblemAlert error={error} retry={take} />}
    </>
  );
}

function ModelActions({ known, look }: { known: Known; look: Look }) {
  const starting = useMutation({ mutationFn: () => importModel({ source: "starter", reference: "" }) });
  const none = known.artifacts && !known.artifacts.some((each) => each.kind === "base");
  const job = known.jobs?.find((each) => each.kind === "import" && !each.ended_at);
  if (none && job) return <JobNote job={job} words="It is being brought in:" />;
  if (!none) {
    return (
      <LinkButton to="/models" search={{ add: "hub" }} {...look}>
        Add a model
      </LinkButton>
    );
  }
  return (
    <>
      <Button {...look} onClick={() => starting.mutate()} loading={starting.isPending}>
        Bring in the starter
      </Button>
      <Link to="/models" search={{ add: "hub" }} className={classes.open}>
        Take another model
      </Link>
      {starting.error && <ProblemAlert error={starting.error} retry={() => starting.mutate()} />}
    </>
  );
}

function JobNote({ job, words }: { job: Job; words: string }) {
  return (
    <p className={classes.note}>
      {words}{" "}
      <Link to="/jobs/$id" params={{ id: job.id }}>
        {job.title}
      </Link>
    </p>
  );
}

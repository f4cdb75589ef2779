import { Anchor } from "@mantine/core";
import { IconActivity, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { jobPlanQuery } from "@/client/queries/jobs";
import { deploymentsQuery, releasesQuery } from "@/client/queries/lists";
import type { Deployment, Job, Served } from "@/client/types";
import { UseFromCode } from "@/components/code/UseFromCode";
import { LinkButton } from "@/components/LinkButton";

import { madeName } from "../words";
import classes from "./AfterJob.module.css";

/** What comes next, once a training or a release has succeeded; while it runs, where a training can be watched. */
export function AfterJob({ job }: { job: Job }) {
  const isNext = job.state === "succeeded" && (job.kind === "release" || job.kind === "train");
  const canBeWatched = job.state === "running" && job.kind === "train";
  return isNext || canBeWatched ? <Next job={job} /> : null;
}

function Next({ job }: { job: Job }) {
  const { data: plan, isPending } = useQuery(jobPlanQuery(job.id));
  // Its height is there from the beginning: nothing below it moves when the plan has come.
  if (isPending) return <div className={classes.next} aria-hidden />;
  const name = plan && madeName(plan);
  // Nothing can be said of what has no name, or of a plan that can't be read.
  if (!name) return null;
  return job.kind === "release" ? <Released name={name} job={job} /> : <Trained name={name} done={job.state === "succeeded"} />;
}

function Released({ name, job }: { name: string; job: Job }) {
  const { data: deployments = [] } = useQuery(deploymentsQuery);
  const { data: releases } = useQuery(releasesQuery);
  const [code, showCode] = useState(false);
  const served = releases?.find((each) => each.name === name);
  const release = served?.releases.find((each) => each.job === job.id);
  const gone = releases && !release;
  const words = gone ? "It was deleted since." : served?.current === release?.number ? "It is served now." : `It isn’t served now; ${name} stands for another release.`;
  return (
    <>
      <Bar
        title={
          <>
            Released as <bdi>{name}</bdi>
            {release && `, release ${release.number}`}
          </>
        }
        words={releases ? words : ""}
      >
        {!gone && (
          <>
            <LinkButton to="/chat" search={{ left: baseOf(served, deployments), right: name }}>
              Talk to it
            </LinkButton>
            <LinkButton to="/release/$name" params={{ name }} variant="default">
              All its releases
            </LinkButton>
            <Anchor component="button" type="button" aria-expanded={code} onClick={() => showCode(!code)}>
              Use it from code
            </Anchor>
          </>
        )}
      </Bar>
      {code && !gone && <UseFromCode model={name} />}
    </>
  );
}

/** The served name of the base itself, to compare with; undefined when it isn't served. */
function baseOf(served: Served | undefined, deployments: readonly Deployment[]): string | undefined {
  const base = served?.releases.find((each) => each.number === served.current)?.base.split("/").at(-1);
  return deployments.find((each) => each.release === null && each.name === base)?.name;
}

function Trained({ name, done }: { name: string; done: boolean }) {
  return (
    <Bar
      done={done}
      title={
        <>
          {done ? "Trained as" : "Training"} <bdi>{name}</bdi>
        </>
      }
      words={done ? "Its adapter can be released now, and then be talked to." : "Its loss can be watched while it runs."}
    >
      {done && (
        <LinkButton to="/release" search={{ adapter: `saves/${name}` }}>
          Release it
        </LinkButton>
      )}
      <LinkButton to="/runs/$" params={{ _splat: name }} variant="default">
        Curves
      </LinkButton>
    </Bar>
  );
}

function Bar({ title, words, done = true, children }: { title: ReactNode; words: string; done?: boolean; children: ReactNode }) {
  const Icon = done ? IconCircleCheck : IconActivity;
  return (
    <div className={classes.next}>
      <Icon size={20} aria-hidden className={classes.icon} data-done={done || undefined} />
      <p className={classes.words}>
        <strong>{title}</strong> {words && <span className={classes.dim}>{words}</span>}
      </p>
      <div className={classes.ways}>{children}</div>
    </div>
  );
}

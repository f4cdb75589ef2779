import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { jobArtifactsQuery } from "@/client/queries/jobs";
import type { Artifact, Job } from "@/client/types";
import { Empty } from "@/components/Empty";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { Time } from "@/components/Time";
import { bytes } from "@/lib/format";

import { isOver } from "../words";
import classes from "./ArtifactsTab.module.css";

const KINDS: Record<Artifact["kind"], string> = {
  base: "base model",
  adapter: "adapter",
  merged: "merged model",
  gguf: "GGUF model",
  "gguf-adapter": "GGUF adapter",
};

/** What the job made and is still there. */
export function ArtifactsTab({ job }: { job: Job }) {
  const { data, error, refetch } = useQuery(jobArtifactsQuery(job.id));
  if (error && !data) return <ProblemAlert error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={160} role="status" aria-label="Loading the artifacts" />;
  if (!data.length) return <Nothing over={isOver(job)} />;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Artifacts of this job">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Artifact</th>
            <th scope="col">Kind</th>
            <th scope="col">Made by</th>
            <th scope="col" className={classes.right}>
              Size
            </th>
            <th scope="col" className={classes.right}>
              Made
            </th>
          </tr>
        </thead>
        <tbody>
          {data.map((artifact) => (
            <tr key={artifact.id}>
              <td>
                <Link to="/models/$" params={{ _splat: artifact.id }}>
                  <bdi>{artifact.name}</bdi>
                </Link>
                <span className={classes.path}>{artifact.id}</span>
              </td>
              <td>{KINDS[artifact.kind]}</td>
              <td>{artifact.lineage?.step ?? "–"}</td>
              <td className={classes.right}>{bytes(artifact.bytes)}</td>
              <td className={classes.right}>
                <Time at={artifact.lineage?.made_at ?? artifact.modified_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Nothing({ over }: { over: boolean }) {
  return (
    <Empty title={over ? "It made no artifact that is still there" : "Nothing made yet"}>
      {over
        ? "Some jobs only check or record something; what others made may have been deleted since."
        : "An artifact appears when the step that makes it is done: never half of one."}
    </Empty>
  );
}

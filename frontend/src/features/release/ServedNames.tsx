import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { deploymentsQuery, releasesQuery } from "@/client/queries/lists";
import type { Deployment, Release, Served } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { ServingBadge } from "@/components/state/State";
import { Time } from "@/components/Time";
import { bytes, plural, UNKNOWN } from "@/lib/format";

import classes from "./ServedNames.module.css";
import { ownBytes, sharedBytes } from "./sizes";

/** Every name that is served, with what it stands for now. */
export function ServedNames() {
  const releases = useQuery(releasesQuery);
  const deployments = useQuery(deploymentsQuery);
  if (releases.error) return <ProblemAlert error={releases.error} retry={() => void releases.refetch()} />;
  if (!releases.data) return <Skeleton height={120} />;
  if (releases.data.length === 0) return <p className={classes.dim}>Nothing is released yet. What is stands here, with its releases to go back to.</p>;
  return (
    <div className={classes.box} role="region" aria-label="Table of served names" tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Release</th>
            <th scope="col">Engine</th>
            <th scope="col">State</th>
            <th scope="col">Size</th>
            <th scope="col">Made</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {releases.data.map((served) => (
            <Row key={served.name} served={served} deployment={deployments.data?.find((each) => each.name === served.name)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ served, deployment }: { served: Served; deployment: Deployment | undefined }) {
  const current = served.releases.find((each) => each.number === served.current);
  return (
    <tr>
      <td>
        <Link to="/release/$name" params={{ name: served.name }} dir="auto">
          {served.name}
        </Link>
      </td>
      <td className="figures">
        {served.current ?? UNKNOWN}
        {served.releases.length > 1 && <div className={classes.dim}>of {plural(served.releases.length, "release")}</div>}
      </td>
      <td>
        {current?.engine ?? UNKNOWN}
        {current && <div className={classes.dim}>{current.quantisation}</div>}
      </td>
      <td>{deployment ? <ServingBadge state={deployment.state} /> : UNKNOWN}</td>
      <td className="figures">{current ? <Size release={current} /> : UNKNOWN}</td>
      <td>
        <Time at={current?.made_at} />
      </td>
      <td>
        <div className={classes.actions}>
          <LinkButton to="/chat" search={{ left: served.name }} size="compact-sm" variant="default">
            Talk to it
          </LinkButton>
        </div>
      </td>
    </tr>
  );
}

function Size({ release }: { release: Release }) {
  const shared = sharedBytes(release);
  return (
    <>
      {bytes(ownBytes(release))}
      {shared !== null && <div className={classes.dim}>on a base of {bytes(shared)}</div>}
    </>
  );
}

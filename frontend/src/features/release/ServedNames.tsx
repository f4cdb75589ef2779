import { Skeleton, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { deploymentsQuery, releasesQuery } from "@/client/queries/lists";
import type { Deployment, Release, Served } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { ServingBadge } from "@/components/state/State";
import { CardTable } from "@/components/table/CardTable";
import { Time } from "@/components/Time";
import { bytes, plural, UNKNOWN } from "@/lib/format";

import classes from "./ServedNames.module.css";
import { ownBytes, sharedBytes } from "./sizes";

/** Every name that is served, with what it stands for now. */
export function ServedNames() {
  const releases = useQuery(releasesQuery);
  const deployments = useQuery(deploymentsQuery);
  if (!releases.data)
    return releases.error ? <ProblemAlert error={releases.error} retry={() => void releases.refetch()} /> : <Skeleton height={120} />;
  if (releases.data.length === 0) return <p className={classes.dim}>Nothing is released yet. What is stands here, with its releases to go back to.</p>;
  return (
    <CardTable label="Table of served names" least={640}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Release</Table.Th>
          <Table.Th>Engine</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Size</Table.Th>
          <Table.Th>Made</Table.Th>
          <Table.Th>
            <span className="spoken">What can be done</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {releases.data.map((served) => (
          <Row key={served.name} served={served} deployment={deployments.data?.find((each) => each.name === served.name)} />
        ))}
      </Table.Tbody>
    </CardTable>
  );
}

function Row({ served, deployment }: { served: Served; deployment: Deployment | undefined }) {
  const current = served.releases.find((each) => each.number === served.current);
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <Link to="/release/$name" params={{ name: served.name }} dir="auto">
          {served.name}
        </Link>
      </Table.Td>
      <Table.Td className="figures" data-label="Release">
        {served.current ?? UNKNOWN}
        {served.releases.length > 1 && <div className={classes.dim}>of {plural(served.releases.length, "release")}</div>}
      </Table.Td>
      <Table.Td data-label="Engine">
        {current?.engine ?? UNKNOWN}
        {current && <div className={classes.dim}>{current.quantisation}</div>}
      </Table.Td>
      <Table.Td data-label="State">{deployment ? <ServingBadge state={deployment.state} /> : UNKNOWN}</Table.Td>
      <Table.Td className="figures" data-label="Size">
        {current ? <Size release={current} /> : UNKNOWN}
      </Table.Td>
      <Table.Td data-label="Made">
        <Time at={current?.made_at} />
      </Table.Td>
      <Table.Td className={classes.actions}>
        <LinkButton to="/chat" search={{ left: served.name }} size="compact-sm" variant="default">
          Talk to it<span className="spoken">: {served.name}</span>
        </LinkButton>
      </Table.Td>
    </Table.Tr>
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

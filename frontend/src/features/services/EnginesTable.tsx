import { Skeleton, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { deploymentsQuery } from "@/client/queries/lists";
import { streams } from "@/client/stream/connect";
import { Empty } from "@/components/Empty";
import { LinkButton } from "@/components/LinkButton";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { CardTable } from "@/components/table/CardTable";

import { EngineRow } from "./EngineRow";
import classes from "./Services.module.css";

/** Use and requests in flight change with every request and aren't in the stream of events: they are asked for on a beat. */
const USAGE_MS = 5_000;

interface Props {
  /** The name whose engine's log is open. */
  log: string | undefined;
  onLog: (name: string | undefined) => void;
}

export function EnginesTable({ log, onLog }: Props) {
  const link = streams();
  const { standing } = useSyncExternalStore(link.subscribeStanding, link.standing);
  // Not while Tunesmith is away: when it is back, all is asked for again.
  const refetchInterval = standing === "open" && USAGE_MS;
  const { data, error, refetch } = useQuery({ ...deploymentsQuery, refetchInterval });
  if (!data) return error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={160} />;
  if (data.length === 0) {
    return (
      <Empty title="No model is served yet" action={<LinkButton to="/release">Release an adapter</LinkButton>}>
        A release serves your adapter under a name; its base can then be talked to as well.
      </Empty>
    );
  }
  return (
    <CardTable label="Table of engines" least={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Served name</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Engine</Table.Th>
          <Table.Th>Base</Table.Th>
          <Table.Th className={classes.number}>In flight</Table.Th>
          <Table.Th className={classes.number}>Requests</Table.Th>
          <Table.Th className={classes.number}>Tokens out</Table.Th>
          <Table.Th className={classes.number}>Restarts</Table.Th>
          <Table.Th>
            <span className="spoken">What can be done</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {data.map((each) => (
          <EngineRow key={`${each.name} ${each.engine}`} deployment={each} all={data} open={log === each.name} onLog={onLog} />
        ))}
      </Table.Tbody>
    </CardTable>
  );
}

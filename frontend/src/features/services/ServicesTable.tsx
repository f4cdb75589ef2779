import { Skeleton, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { servicesQuery } from "@/client/queries/lists";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { CardTable } from "@/components/table/CardTable";

import classes from "./Services.module.css";
import { ServiceRow } from "./ServiceRow";

interface Props {
  /** Whose log is open. */
  log: string | undefined;
  onLog: (name: string | undefined) => void;
}

export function ServicesTable({ log, onLog }: Props) {
  const { data, error, refetch } = useQuery(servicesQuery);
  if (!data) return error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={360} />;
  const withGpu = data.services.some((each) => each.gpu_memory_bytes != null);
  return (
    <CardTable label="Table of services" least={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th className={classes.colName}>Service</Table.Th>
          <Table.Th className={classes.colState}>State</Table.Th>
          <Table.Th className={classes.colUp}>Up for</Table.Th>
          <Table.Th className={classes.colLoad}>CPU, ten minutes</Table.Th>
          <Table.Th className={classes.colLoad}>Memory, ten minutes</Table.Th>
          {withGpu && <Table.Th>GPU memory</Table.Th>}
          <Table.Th className={classes.colVersion}>Version</Table.Th>
          <Table.Th>
            <span className="spoken">What can be done</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {data.services.map((each) => (
          <ServiceRow key={each.name} service={each} withGpu={withGpu} open={log === each.name} onLog={onLog} />
        ))}
      </Table.Tbody>
    </CardTable>
  );
}

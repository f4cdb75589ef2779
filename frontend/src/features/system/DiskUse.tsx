import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { diskUseQuery } from "@/client/queries/disk";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes } from "@/lib/format";

import { CleanDialog } from "./CleanDialog";
import { DiskPart } from "./DiskPart";
import { bySize, shares, sumOf } from "./disk";
import classes from "./System.module.css";

/** Where the bytes are, and what of it can go. */
export function DiskUse() {
  const { data, error, refetch, isFetching } = useQuery(diskUseQuery);
  const [cleaning, setCleaning] = useState(false);
  const parts = data ? bySize(data.parts) : [];
  const aside = (
    <span className={classes.buttons}>
      <Button size="compact-sm" variant="default" loading={isFetching} onClick={() => void refetch()}>
        Measure again
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setCleaning(true)}>
        Clean up
      </Button>
    </span>
  );
  return (
    <Section title={data ? `Disk use: ${bytes(data.bytes)}` : "Disk use"} aside={aside}>
      {!data && (error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={300} />)}
      {data && (
        <ul className={classes.parts}>
          {parts.map((part) => (
            <DiskPart key={part.part} part={part} most={parts[0]?.bytes ?? 0} />
          ))}
        </ul>
      )}
      {data && shares(sumOf(data.parts), data.bytes) && (
        <p className={classes.dim}>Parts share files by hard links, so all of them take less than their sum.</p>
      )}
      {cleaning && <CleanDialog close={() => setCleaning(false)} />}
    </Section>
  );
}

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { gpuName, machineHistoryQuery, machineQuery } from "@/client/queries/machine";
import type { Machine } from "@/client/types";
import { Sparkline } from "@/components/load/Sparkline";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes, percent, plural } from "@/lib/format";

import classes from "./Home.module.css";

/** How busy and how full this machine is, each with its ten minutes. */
export function Meters() {
  const { data: now, error, refetch } = useQuery(machineQuery);
  if (error && !now) return <ProblemAlert error={error} retry={() => void refetch()} />;
  if (!now) {
    return (
      <div className={classes.meters}>
        {["cpu", "memory", "disk", "gpu"].map((each) => (
          <Skeleton key={each} height={98} />
        ))}
      </div>
    );
  }
  return (
    <div className={classes.meters}>
      <Cpu now={now} />
      <Memory now={now} />
      <Disk now={now} />
      <Accelerators now={now} />
    </div>
  );
}

interface MeterProps {
  label: string;
  value: string;
  note: string;
  children?: ReactNode;
}

function Meter({ label, value, note, children }: MeterProps) {
  return (
    <div className={classes.meter}>
      <span className={classes.meterLabel}>{label}</span>
      <span className={`figures ${classes.meterFigures}`}>
        <span className={classes.meterValue}>{value}</span>
        <span className={classes.meterNote}>{note}</span>
      </span>
      <div className={classes.meterLine}>{children}</div>
    </div>
  );
}

function Cpu({ now }: { now: Machine }) {
  const { data: samples } = useQuery(machineHistoryQuery);
  return (
    <Meter label="CPU" value={percent(now.cpu_percent)} note={`of ${plural(now.cores, "core")}`}>
      <Sparkline samples={samples} name="cpu_percent" what="CPU" say={percent} top={100} />
    </Meter>
  );
}

function Memory({ now }: { now: Machine }) {
  const { data: samples } = useQuery(machineHistoryQuery);
  return (
    <Meter label="Memory" value={bytes(now.memory_used_bytes)} note={`used of ${bytes(now.memory_bytes)}`}>
      <Sparkline samples={samples} name="memory_used_bytes" what="Memory" say={bytes} top={now.memory_bytes} />
    </Meter>
  );
}

function Disk({ now }: { now: Machine }) {
  const { data: samples } = useQuery(machineHistoryQuery);
  return (
    <Meter label="Disk" value={bytes(now.disk_free_bytes)} note={`free of ${bytes(now.disk_bytes)}`}>
      <Sparkline samples={samples} name="disk_used_bytes" what="Disk, used" say={bytes} top={now.disk_bytes} />
    </Meter>
  );
}

function Accelerators({ now }: { now: Machine }) {
  const { data: samples } = useQuery(machineHistoryQuery);
  const [first] = now.accelerators;
  if (!first) return <Meter label="Accelerator" value="none" note="the CPU does the work" />;
  return now.accelerators.map((each) => (
    <Meter
      key={each.index}
      label={now.accelerators.length > 1 ? `GPU ${each.index}` : "GPU"}
      value={percent(each.utilisation_percent)}
      note={`${bytes(each.memory_used_bytes)} of ${bytes(each.memory_bytes)} · ${each.name}`}
    >
      <Sparkline samples={samples} name={gpuName(each.index)} what={each.name} say={percent} top={100} />
    </Meter>
  ));
}

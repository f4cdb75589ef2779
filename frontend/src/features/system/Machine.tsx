import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { systemQuery } from "@/client/queries/lists";
import { gpuMemoryName, gpuName, machineHistoryQuery, machineQuery } from "@/client/queries/machine";
import type { SystemReport } from "@/client/types";
import { Sparkline } from "@/components/load/Sparkline";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes, percent, plural } from "@/lib/format";

import classes from "./System.module.css";

type Hardware = SystemReport["hardware"];

/** What this machine has, and how busy it is. */
export function Machine() {
  const { data, error, refetch } = useQuery(systemQuery);
  return (
    <Section title="This machine" aside={data?.hardware.system}>
      {!data && (error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={280} />)}
      {data && (
        <dl className={classes.facts}>
          <Processor hardware={data.hardware} />
          <Memory hardware={data.hardware} />
          <Gpus hardware={data.hardware} />
          <Disks hardware={data.hardware} />
        </dl>
      )}
    </Section>
  );
}

function Fact({ name, children, line }: { name: string; children: ReactNode; line?: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>
        <div>{children}</div>
        {line && <div className={classes.line}>{line}</div>}
      </dd>
    </div>
  );
}

function Processor({ hardware }: { hardware: Hardware }) {
  const { data: now } = useQuery(machineQuery);
  const { data: samples } = useQuery(machineHistoryQuery);
  const line = <Sparkline samples={samples} name="cpu_percent" what="CPU" say={percent} top={100} />;
  return (
    <Fact name="CPU" line={line}>
      {hardware.cpu}, {plural(hardware.cores, "core")}
      <span className={`figures ${classes.now}`}>{percent(now?.cpu_percent)}</span>
    </Fact>
  );
}

function Memory({ hardware }: { hardware: Hardware }) {
  const { data: now } = useQuery(machineQuery);
  const { data: samples } = useQuery(machineHistoryQuery);
  const all = now?.memory_bytes ?? hardware.memory_bytes;
  const line = <Sparkline samples={samples} name="memory_used_bytes" what="Memory" say={bytes} top={all} />;
  return (
    <Fact name="Memory" line={line}>
      {bytes(hardware.memory_limit_bytes ?? hardware.memory_bytes)}
      {hardware.memory_limit_bytes != null && ` (a limit; the machine has ${bytes(hardware.memory_bytes)})`}
      <span className={`figures ${classes.now}`}>{bytes(now?.memory_used_bytes)} used</span>
    </Fact>
  );
}

function Gpus({ hardware }: { hardware: Hardware }) {
  const { data: now } = useQuery(machineQuery);
  const { data: samples } = useQuery(machineHistoryQuery);
  if (hardware.gpus.length === 0) {
    return (
      <Fact name="Accelerator">
        {hardware.problem || (hardware.apple_gpu ? "Apple GPU (MPS)" : "none found; the CPU does the work")}
      </Fact>
    );
  }
  return hardware.gpus.map((gpu) => {
    const live = now?.accelerators.find((each) => each.index === gpu.index);
    const what = `${gpu.name}, GPU ${gpu.index}`;
    const line = (
      <>
        <Sparkline samples={samples} name={gpuName(gpu.index)} what={what} say={percent} top={100} />
        <Sparkline
          samples={samples}
          name={gpuMemoryName(gpu.index)}
          what={`Memory of ${what}`}
          say={bytes}
          top={gpu.memory_bytes}
        />
      </>
    );
    return (
      <Fact key={gpu.index} name={`GPU ${gpu.index}`} line={line}>
        {gpu.name}, driver {gpu.driver}
        <span className={`figures ${classes.now}`}>
          {percent(live?.utilisation_percent)}, {bytes(live?.memory_used_bytes)} of {bytes(gpu.memory_bytes)}
        </span>
      </Fact>
    );
  });
}

function Disks({ hardware }: { hardware: Hardware }) {
  return hardware.disks.map((disk) => (
    <Fact key={disk.part} name={`Disk of ${disk.part}`}>
      <code className={classes.path}>{disk.path}</code>
      <span className={`figures ${classes.now}`}>
        {bytes(disk.free_bytes)} free of {bytes(disk.total_bytes)}
      </span>
    </Fact>
  ));
}

import "@mantine/core/styles/Tabs.layer.css";

import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";

import { LogView } from "@/components/log/LogView";
import type { Job } from "@/client/types";

import type { JobSearch, JobTab } from "../search";
import { isOver } from "../words";
import { ArtifactsTab } from "./ArtifactsTab";
import { CommandsTab } from "./CommandsTab";
import classes from "./JobTabs.module.css";
import { ParityTab } from "./ParityTab";

interface Props {
  job: Job;
  search: JobSearch;
  change: (next: Partial<JobSearch>) => void;
}

const NAMES: Record<JobTab, string> = { log: "Log", commands: "Commands", parity: "Parity", artifacts: "Artifacts" };

export function JobTabs({ job, search, change }: Props) {
  const hasParity = job.steps.some((step) => step.name === "parity");
  const shown: JobTab[] = hasParity ? ["log", "commands", "parity", "artifacts"] : ["log", "commands", "artifacts"];
  const tab = search.tab && shown.includes(search.tab) ? search.tab : "log";
  const open: Record<JobTab, () => ReactNode> = {
    log: () => (
      <LogView
        source={{ of: "job", id: job.id }}
        label={`Log of ${job.title}`}
        active={!isOver(job)}
        step={search.step}
        onStep={(step) => change({ step })}
        find={search.find}
      />
    ),
    commands: () => <CommandsTab job={job} />,
    parity: () => <ParityTab job={job} cell={search.cell} onCell={(cell) => change({ cell })} />,
    artifacts: () => <ArtifactsTab job={job} />,
  };
  return (
    <Tabs
      className={classes.tabs}
      value={tab}
      onChange={(next) => change({ tab: next === "log" ? undefined : (next as JobTab), cell: undefined })}
      keepMounted={false}
    >
      <Tabs.List>
        {shown.map((each) => (
          <Tabs.Tab key={each} value={each}>
            {NAMES[each]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {shown.map((each) => (
        <Tabs.Panel key={each} value={each} className={each === "log" ? classes.log : classes.panel}>
          <h2 className="spoken">{NAMES[each]}</h2>
          {open[each]()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

import { Button, Menu, Modal, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown, IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { diskUseQuery } from "@/client/queries/disk";
import { liveJobs } from "@/client/queries/jobs";
import { doctorQuery, servicesQuery, toolboxesQuery } from "@/client/queries/lists";
import { installToolbox, type Installing } from "@/client/queries/toolboxes";
import type { Job, Toolbox } from "@/client/types";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { Badge } from "@/components/state/State";
import { Time } from "@/components/Time";
import { bytes, duration } from "@/lib/format";

import { JobNote } from "./JobNote";
import classes from "./System.module.css";
import { jobOf, sharedBy, tellingVersions, verbOf } from "./toolboxes";

/** The environments in which commands run. */
export function Toolboxes() {
  const { data, error, refetch } = useQuery(toolboxesQuery);
  const { data: services } = useQuery(servicesQuery);
  const { data: disk } = useQuery(diskUseQuery);
  const inContainers = services?.source.kind === "docker";
  const shared = data ? sharedBy(data, disk?.parts) : null;
  const place = inContainers ? "Containers of the stack; Compose brings them" : "Where commands run";
  // Beside the heading: it is known later than the list, which must not move.
  const aside = shared === null ? place : `They share files by hard links: ${bytes(shared)} together`;
  return (
    <Section title="Toolboxes" aside={aside}>
      {!data && (error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={180} />)}
      {data && (
        <ul className={classes.toolboxes}>
          {data.map((each) => (
            <OneToolbox key={each.name} toolbox={each} fixed={inContainers} />
          ))}
        </ul>
      )}
    </Section>
  );
}

const PRESENCE = {
  ready: { word: "installed", tone: "good", icon: IconCircleCheck },
  missing: { word: "not installed", tone: "idle", icon: IconCircleDashed },
  "half-made": { word: "half-made", tone: "wait", icon: IconAlertTriangle },
} as const;

function OneToolbox({ toolbox, fixed }: { toolbox: Toolbox; fixed: boolean }) {
  const { data: jobs = [] } = useQuery(liveJobs);
  const job = jobOf(toolbox, jobs);
  return (
    <li className={classes.toolbox}>
      <div className={classes.toolboxHead}>
        <strong>{toolbox.title}</strong>
        <Badge {...PRESENCE[toolbox.presence]} word={fixed ? RUNS[toolbox.presence] : PRESENCE[toolbox.presence].word} />
      </div>
      <Facts toolbox={toolbox} />
      <code className={classes.path}>{toolbox.path}</code>
      {job ? <JobNote id={job.id} title={job.title} /> : !fixed && <Install toolbox={toolbox} />}
    </li>
  );
}

/** A container is there or isn't. */
const RUNS = { ready: "runs", missing: "doesn’t run", "half-made": "doesn’t run" } as const;

function Facts({ toolbox: { made, download_bytes, disk_bytes, presence } }: { toolbox: Toolbox }) {
  if (made) {
    return (
      <p className={classes.dim}>
        {bytes(made.bytes)}, made <Time at={made.made_at} /> in {duration(made.seconds)} · Python {made.python}
        {tellingVersions(made).map((each) => ` · ${each}`)}
      </p>
    );
  }
  if (presence === "ready" || !disk_bytes) return null;
  return (
    <p className={classes.dim}>
      Takes about {bytes(disk_bytes)} of disk, and a download of about {bytes(download_bytes)} where nothing of it is cached.
    </p>
  );
}

function Install({ toolbox }: { toolbox: Toolbox }) {
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const installing = useMutation<Job, Error, Installing>({
    mutationFn: (how) => installToolbox(toolbox.name, how),
    onSuccess: (job) => {
      // The stream tells of it too; until then the button must not come back.
      cache.setQueryData<Job[]>(liveJobs.queryKey, (jobs) =>
        jobs?.some((each) => each.id === job.id) ? jobs : jobs && [job, ...jobs],
      );
      void cache.invalidateQueries({ queryKey: doctorQuery.queryKey });
    },
  });
  const verb = verbOf(toolbox);
  return (
    <div className={classes.remedy}>
      {verb ? (
        <Button size="compact-sm" loading={installing.isPending} onClick={() => installing.mutate({})}>
          {verb}
          <span className="spoken"> {toolbox.name}</span>
        </Button>
      ) : (
        <Menu position="bottom-start" withinPortal>
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="default"
              loading={installing.isPending}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              More
              <span className="spoken"> {toolbox.name}</span>
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setAsking(true)}>Make it anew</Menu.Item>
            {toolbox.name === "llama-cpp" && (
              <Menu.Item onClick={() => installing.mutate({ quantize: true })}>Add llama-quantize, for K-quants</Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {installing.error && <ProblemAlert error={installing.error} retry={() => installing.mutate(installing.variables)} />}
      <Rebuild
        toolbox={toolbox}
        opened={asking}
        close={() => setAsking(false)}
        really={() => installing.mutate({ rebuild: true })}
      />
    </div>
  );
}

interface RebuildProps {
  toolbox: Toolbox;
  opened: boolean;
  close: () => void;
  really: () => void;
}

function Rebuild({ toolbox, opened, close, really }: RebuildProps) {
  return (
    <Modal opened={opened} onClose={close} title={`Make ${toolbox.name} anew?`} closeButtonProps={{ "aria-label": "Close" }}>
      <p>
        Removes {bytes(toolbox.made?.bytes)} in <code className={classes.path}>{toolbox.path}</code> and installs it again, with
        a download of about {bytes(toolbox.download_bytes)} where nothing of it is cached. Until that is done nothing that needs
        it can run.
      </p>
      <div className={classes.choice}>
        <Button variant="default" onClick={close} data-autofocus>
          Leave it
        </Button>
        <Button
          onClick={() => {
            close();
            really();
          }}
        >
          Make it anew
        </Button>
      </div>
    </Modal>
  );
}

import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { IconDots, IconPlayerPlay, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { asProblem, type Problem } from "@/client/problem";
import { liveJobs } from "@/client/queries/jobs";
import type { Service } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import { canBeForced, jobsAgainst } from "./interrupts";
import classes from "./Services.module.css";
import type { Acting } from "./useServiceAction";

interface Props {
  service: Service;
  acting: Acting;
}

/** Starting, stopping and restarting a tool. What a job needs isn't stopped without asking. */
export function ServiceActions({ service, acting }: Props) {
  const title = service.title || service.name;
  if (!service.tool || service.state === "absent") return null;
  const stopped = service.state === "stopped";
  const ask = (action: "start" | "stop" | "restart") => () => acting.ask({ action, force: false });
  return (
    <>
      {stopped ? (
        <Button size="compact-sm" variant="default" onClick={ask("start")} loading={acting.pending !== null}>
          Start<span className="spoken"> {title}</span>
        </Button>
      ) : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="md"
              aria-label={`Restart or stop ${title}`}
              loading={acting.pending !== null}
            >
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconRefresh size={16} aria-hidden />} onClick={ask("restart")}>
              Restart
            </Menu.Item>
            <Menu.Item leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={ask("stop")}>
              Stop
            </Menu.Item>
            {service.state === "failed" && (
              <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={ask("start")}>
                Start
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <Refusal title={title} acting={acting} />
    </>
  );
}

function Refusal({ title, acting: { refused, ask, forget } }: { title: string; acting: Acting }) {
  if (!refused) return null;
  const problem = asProblem(refused.error);
  const forced = canBeForced(problem);
  const verb = refused.asked.action === "restart" ? "Restart" : "Stop";
  return (
    <Modal
      opened
      onClose={forget}
      title={forced ? `${title} is at work` : `${title} wasn’t ${DONE[refused.asked.action]}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {forced ? (
        <>
          <Interrupted problem={problem} />
          <div className={classes.choice}>
            <Button variant="default" onClick={forget} data-autofocus>
              Let it finish
            </Button>
            <Button color="red" onClick={() => ask({ ...refused.asked, force: true })}>
              {verb} anyway
            </Button>
          </div>
        </>
      ) : (
        <ProblemAlert error={problem} retry={() => ask(refused.asked)} />
      )}
    </Modal>
  );
}

const DONE = { start: "started", stop: "stopped", restart: "restarted" } as const;

/** What would be interrupted: jobs of ours by name, or what was started in the tool's own page. */
function Interrupted({ problem }: { problem: Problem }) {
  const { data: all = [] } = useQuery(liveJobs);
  const jobs = jobsAgainst(problem, all);
  if (jobs.length === 0) return <p>{problem.detail} It breaks off, and what isn’t saved yet is lost.</p>;
  return (
    <>
      <p>{jobs.length === 1 ? "This job runs in it, and would fail:" : "These jobs run in it, and would fail:"}</p>
      <ul>
        {jobs.map((job) => (
          <li key={job.id}>
            <Link to="/jobs/$id" params={{ id: job.id }} dir="auto">
              {job.title}
            </Link>
          </li>
        ))}
      </ul>
      <p>What its finished steps made stays: it can be retried from the step that failed.</p>
    </>
  );
}

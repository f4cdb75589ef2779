import { Button, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Deployment } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { ServingBadge } from "@/components/state/State";
import { Time } from "@/components/Time";
import { Words } from "@/components/Words";
import { count } from "@/lib/format";

import { EngineActions } from "./EngineActions";
import classes from "./Services.module.css";
import { useEngineAction } from "./useEngineAction";

interface Props {
  deployment: Deployment;
  all: readonly Deployment[];
  /** Its log is open. */
  open: boolean;
  onLog: (name: string | undefined) => void;
}

const COLUMNS = 9;

export function EngineRow({ deployment, all, open, onLog }: Props) {
  const acting = useEngineAction(deployment);
  const { name, usage } = deployment;
  return (
    <>
      <Table.Tr data-open={open || undefined} className={classes.row}>
        <Table.Td className={classes.name}>
          <Name deployment={deployment} />
        </Table.Td>
        <Table.Td data-label="State">
          <ServingBadge state={deployment.state} />
        </Table.Td>
        <Table.Td data-label="Engine">{deployment.engine}</Table.Td>
        <Table.Td className={classes.wide} data-label="Base" title={deployment.base}>
          {deployment.base.split("/").at(-1)}
        </Table.Td>
        <Table.Td className={classes.number} data-label="In flight">
          {count(deployment.in_flight)}
        </Table.Td>
        <Table.Td className={classes.number} data-label="Requests">
          {count(usage.requests)}
          {usage.last_at && (
            <span className={classes.dim}>
              <Time at={usage.last_at} />
            </span>
          )}
        </Table.Td>
        <Table.Td className={classes.number} data-label="Tokens out" title={`${count(usage.prompt_tokens)} in`}>
          {count(usage.completion_tokens)}
        </Table.Td>
        <Table.Td className={classes.number} data-label="Restarts">
          {count(deployment.restarts)}
        </Table.Td>
        <Table.Td className={classes.actions}>
          <div>
            <LinkButton to="/chat" search={{ left: name }} size="compact-sm" variant="default">
              Chat<span className="spoken"> with {name}</span>
            </LinkButton>
            {deployment.engine === "llama.cpp" && (
              <Button size="compact-sm" variant="default" aria-expanded={open} onClick={() => onLog(open ? undefined : name)}>
                Log<span className="spoken"> of the engine of {name}</span>
              </Button>
            )}
            <EngineActions deployment={deployment} all={all} acting={acting} />
          </div>
        </Table.Td>
      </Table.Tr>
      {(deployment.detail || acting.error) && (
        <Table.Tr data-more className={classes.detail}>
          <Table.Td colSpan={COLUMNS}>
            {acting.error ? <ProblemAlert error={acting.error} /> : <Words text={deployment.detail} />}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function Name({ deployment: { name, release, made_outside } }: { deployment: Deployment }) {
  if (made_outside) {
    return (
      <>
        <strong dir="auto">{name}</strong>
        <span className={classes.dim}>made on Ollama by hand</span>
      </>
    );
  }
  if (release == null) {
    return (
      <>
        <strong dir="auto">{name}</strong>
        <span className={classes.dim}>base model as it is</span>
      </>
    );
  }
  return (
    <>
      <Link to="/release/$name" params={{ name }} className={classes.strong} dir="auto">
        {name}
      </Link>
      <span className={classes.dim}>release {release}</span>
    </>
  );
}

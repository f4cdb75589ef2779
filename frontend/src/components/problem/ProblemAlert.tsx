import { Anchor, Button, CopyButton, Group } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { asProblem } from "@/client/problem";

import { Words } from "../Words";
import classes from "./ProblemAlert.module.css";

interface Props {
  error: unknown;
  /** Ask again what failed. */
  retry?: () => void;
  /** A button that carries out the remedy. */
  action?: ReactNode;
}

/** An error as a person needs it: what happened, why, what to do; details to copy for a report. */
export function ProblemAlert({ error, retry, action }: Props) {
  const problem = asProblem(error);
  const whole = [problem.title, problem.detail, problem.remedy, ...problem.wrong.map((each) => `${each.where}: ${each.message}`)];
  if (problem.incident) whole.push(`incident ${problem.incident}`);
  return (
    <div role="alert" className={classes.alert}>
      <IconAlertTriangle size={20} aria-hidden className={classes.icon} />
      <div className={classes.said}>
        <p className={classes.title}>{problem.title}</p>
        {problem.detail && (
          <p>
            <Words text={problem.detail} />
          </p>
        )}
        {problem.wrong.length > 0 && (
          <ul>
            {problem.wrong.map((each) => (
              <li key={`${each.where} ${each.message}`}>
                <code>{each.where}</code>: {each.message}
              </li>
            ))}
          </ul>
        )}
        {problem.remedy && (
          <p className={classes.remedy}>
            <Words text={problem.remedy} />
          </p>
        )}
        <Group gap="xs" mt={4}>
          {action}
          {retry && (
            <Button size="compact-sm" variant="default" onClick={retry}>
              Try again
            </Button>
          )}
          <CopyButton value={whole.filter(Boolean).join("\n")}>
            {({ copied, copy }) => (
              <Anchor component="button" type="button" size="sm" onClick={copy}>
                {copied ? "Copied" : "Copy details"}
              </Anchor>
            )}
          </CopyButton>
        </Group>
      </div>
    </div>
  );
}

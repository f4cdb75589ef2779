import { Anchor } from "@mantine/core";
import { useId, useState, type ReactNode } from "react";

import type { Step } from "@/client/types";
import { commandLine } from "@/lib/shell";

import { Copy } from "../Copyable";
import { basisOf, figures } from "./figures";
import classes from "./Plan.module.css";
import { stepTitle, toolboxTitle } from "./words";

/** A command longer than this is shown in part at first. */
const LONG = 150;

/** One step of a plan: what it does, in which tool, what it needs, and its command. */
export function PlannedStep({ step, real }: { step: Step; real?: ReactNode }) {
  const needs = figures(step.estimate);
  return (
    <li className={classes.step}>
      <div className={classes.stepBody}>
        <div className={classes.stepHeader}>
          <span className={classes.stepTitle}>
            {stepTitle(step.name)} <span className={classes.box}>in {toolboxTitle(step.toolbox)}</span>
          </span>
          <span className={classes.figures}>
            {needs}
            {real}
          </span>
        </div>
        <Command argv={step.argv} env={step.env} what={`the command of ${step.name}`} note={needs && basisOf(step.estimate)} />
      </div>
    </li>
  );
}

interface CommandProps {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  what: string;
  note?: string;
}

/** A command to copy. A long one is folded: its beginning, without the environment that it is given. */
export function Command({ argv, env, what, note }: CommandProps) {
  const [whole, showWhole] = useState(false);
  const id = useId();
  const line = commandLine(argv, env);
  const long = line.length > LONG;
  return (
    <div className={classes.command}>
      <pre id={id} className={classes.line} data-folded={(long && !whole) || undefined} dir="ltr">
        {long && !whole ? commandLine(argv) : line}
      </pre>
      <div className={classes.copy}>
        <Copy value={line} what={what} />
      </div>
      {(long || note) && (
        <div className={classes.under}>
          {note && <span className={classes.note}>{note}</span>}
          {long && (
            <Anchor
              component="button"
              type="button"
              className={classes.whole}
              aria-expanded={whole}
              aria-controls={id}
              aria-label={`${whole ? "Fold" : "Show whole command"}: ${what}`}
              onClick={() => showWhole(!whole)}
            >
              {whole ? "Fold" : "Show whole command"}
            </Anchor>
          )}
        </div>
      )}
    </div>
  );
}

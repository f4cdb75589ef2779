import { Button, Modal } from "@mantine/core";
import { useState } from "react";

import type { Deployment } from "@/client/types";
import { plural } from "@/lib/format";

import { losses } from "./interrupts";
import classes from "./Services.module.css";
import type { EngineActing } from "./useEngineAction";

interface Props {
  deployment: Deployment;
  all: readonly Deployment[];
  acting: EngineActing;
}

/** Start or stop. Stopping asks first when others would notice. */
export function EngineActions({ deployment, all, acting }: Props) {
  const [asking, setAsking] = useState(false);
  const { name, state } = deployment;
  const runs = state === "ready" || state === "starting";
  const lost = losses(deployment, all);
  const stop = () => {
    setAsking(false);
    acting.ask("stop");
  };
  if (!runs) {
    return (
      <Button size="compact-sm" variant="default" loading={acting.pending} onClick={() => acting.ask("start")}>
        Start<span className="spoken"> the engine of {name}</span>
      </Button>
    );
  }
  return (
    <>
      <Button size="compact-sm" variant="default" loading={acting.pending} onClick={lost ? () => setAsking(true) : stop}>
        Stop<span className="spoken"> the engine of {name}</span>
      </Button>
      <Modal
        opened={asking && lost !== null}
        onClose={() => setAsking(false)}
        title={`Stop the engine of ${name}?`}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {lost && <Consequence lost={lost} />}
        <p>The next request starts it again.</p>
        <div className={classes.choice}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            Leave it running
          </Button>
          <Button onClick={stop}>Stop it</Button>
        </div>
      </Modal>
    </>
  );
}

function Consequence({ lost }: { lost: { names: string[]; answers: number } }) {
  return (
    <ul>
      {lost.names.length > 0 && (
        <li>
          One process serves {plural(lost.names.length, "other name", "other names")} too: {lost.names.join(", ")}. They stop
          with it.
        </li>
      )}
      {lost.answers > 0 && <li>{plural(lost.answers, "answer")} being given breaks off.</li>}
    </ul>
  );
}

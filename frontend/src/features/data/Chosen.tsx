import { Button } from "@mantine/core";

import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes } from "@/lib/format";

import type { Adding } from "./adding";
import { AddForm, Sending } from "./AddForm";
import classes from "./DropZone.module.css";
import type { Look } from "./look";
import { LookView } from "./LookView";
import type { useAdding } from "./useAdding";

interface Props<T> {
  adding: ReturnType<typeof useAdding<T>>;
  nameOf: (chosen: T) => string;
  sizeOf: (chosen: T) => number | null;
  /** Why the file would better be added in another way. */
  hint?: React.ReactNode;
  cancel: () => void;
}

/** What was chosen, and how far it is: being looked at, looked at, being added. */
export function Chosen<T>({ adding, nameOf, sizeOf, hint, cancel }: Props<T>) {
  const { state, choose, stop, clear, add } = adding;
  if (state.at === "choosing" || state.at === "added") return null;
  const size = sizeOf(state.chosen);
  return (
    <>
      <div className={classes.chosen}>
        <span className={classes.fileName} dir="auto">
          {nameOf(state.chosen)} {size !== null && <span className={classes.size}>{bytes(size)}</span>}
        </span>
        <Button variant="subtle" size="compact-sm" disabled={state.at === "adding"} onClick={clear}>
          Another file
        </Button>
      </div>
      {state.at === "failed" && <ProblemAlert error={state.problem} retry={() => choose(state.chosen)} />}
      {state.at === "looking" && <Looking sent={state.sent} stop={stop} />}
      {hint}
      <Seen state={state} add={add} stop={stop} cancel={cancel} />
    </>
  );
}

function Looking({ sent, stop }: { sent: number | null; stop: () => void }) {
  return (
    <div>
      <Sending sent={sent} word="Looking at it" />
      <Button variant="default" size="compact-sm" mt={8} onClick={stop}>
        Stop
      </Button>
    </div>
  );
}

function Seen<T>({ state, add, stop, cancel }: { state: Adding<T, Look>; cancel: () => void } & Pick<ReturnType<typeof useAdding<T>>, "add" | "stop">) {
  if (state.at !== "looked" && state.at !== "adding") return null;
  return (
    <>
      <LookView look={state.look} />
      {state.look.rows > 0 && (
        <AddForm
          look={state.look}
          problem={state.at === "looked" ? state.problem : null}
          sent={state.at === "adding" ? state.sent : undefined}
          add={add}
          stop={stop}
          cancel={cancel}
        />
      )}
    </>
  );
}

import { Button } from "@mantine/core";
import { IconFolderOpen } from "@tabler/icons-react";
import { useState } from "react";

import { addPath, lookAtPath } from "@/client/queries/datasets";
import { FilePicker } from "@/components/files/FilePicker";

import { AskBeforeLeaving } from "./AskBeforeLeaving";
import { Chosen } from "./Chosen";
import classes from "./DropZone.module.css";
import { lookOf } from "./look";
import { useAdding, type Source } from "./useAdding";
import { useDone } from "./useDone";

interface Picked {
  path: string;
  bytes: number | null;
}

const HERE: Source<Picked> = {
  look: async ({ path }, { sent, signal }) => {
    sent(1);
    return lookOf(await lookAtPath(path, signal));
  },
  add: async ({ path }, { name, skipBad }, { sent }) => {
    sent(1);
    return (await addPath(path, { name, skip_bad: skipBad })).name;
  },
};

/** Rows from a file of the machine that Tunesmith runs on: nothing is uploaded, and it may be of any size. */
export function AddHere({ done, cancel }: { done: (name: string) => void; cancel: () => void }) {
  const adding = useAdding(HERE);
  const [picking, setPicking] = useState(false);
  useDone(adding.state.at === "added" ? adding.state.name : null, done);
  return (
    <>
      {adding.state.at === "choosing" && (
        <div className={classes.zone} role="group" aria-label="A file to add">
          <IconFolderOpen size={28} stroke={1.4} aria-hidden />
          <Button variant="default" onClick={() => setPicking(true)} data-autofocus>
            Choose a file of this machine
          </Button>
          <p className={classes.about}>Of the machine on which Tunesmith runs. The file stays as it is; its rows are copied.</p>
        </div>
      )}
      <Chosen adding={adding} nameOf={({ path }) => path} sizeOf={({ bytes }) => bytes} cancel={cancel} />
      <FilePicker
        opened={picking}
        title="A file with rows"
        kind="file"
        suffix={[".jsonl", ".json", ".ndjson"]}
        close={() => setPicking(false)}
        onPick={(path, entry) => adding.choose({ path, bytes: entry?.bytes ?? null })}
      />
      <AskBeforeLeaving active={adding.state.at === "adding"} what="The rows are still being written." />
    </>
  );
}

import { addFile, lookAtFile } from "@/client/queries/datasets";

import { AskBeforeLeaving } from "./AskBeforeLeaving";
import { Chosen } from "./Chosen";
import { DropZone } from "./DropZone";
import { lookOf } from "./look";
import { useAdding, type Source } from "./useAdding";
import { useDone } from "./useDone";

const UPLOADED: Source<File> = {
  look: async (file, sending) => lookOf(await lookAtFile(file, sending)),
  add: async (file, { name, skipBad }, sending) => (await addFile(file, { name, skip_bad: skipBad }, sending)).name,
};

interface Props {
  /** A file that was dropped on the page. */
  dropped: File | null;
  done: (name: string) => void;
  cancel: () => void;
}

/** Rows from a file of the person's own machine. */
export function AddFile({ dropped, done, cancel }: Props) {
  const adding = useAdding(UPLOADED, dropped);
  const { state, choose, sending } = adding;
  useDone(state.at === "added" ? state.name : null, done);
  return (
    <>
      {state.at === "choosing" && (
        <DropZone
          about="JSONL with a row a line, or one JSON array; rows as messages, alpaca or prompt/completion. At most 200 MB; larger ones from a file on this machine."
          accept=".jsonl,.json,.ndjson,application/json"
          take={choose}
        />
      )}
      <Chosen adding={adding} nameOf={({ name }) => name} sizeOf={({ size }) => size} cancel={cancel} />
      <AskBeforeLeaving active={sending} what="The file is still being sent. Nothing of it is kept if you leave now." />
    </>
  );
}

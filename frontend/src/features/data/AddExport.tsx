import { useEffect, useMemo, useRef } from "react";

import { addExport, lookAtExport } from "@/client/queries/datasets";
import { useDraft } from "@/components/useDraft";

import { AskBeforeLeaving } from "./AskBeforeLeaving";
import { Chosen } from "./Chosen";
import { DropZone } from "./DropZone";
import { easyFrom, NEW_EASY, type EasyForm } from "./easy";
import { EasyOptions } from "./EasyOptions";
import { lookOfReport } from "./look";
import { useAdding, type Source } from "./useAdding";
import { useDone } from "./useDone";

const SETTLE_MS = 600;

/** A file that easy-dataset exported, where the tool itself can't be reached. */
export function AddExport({ done, cancel }: { done: (name: string) => void; cancel: () => void }) {
  const { value: options, set, reset } = useDraft("add-easy-dataset", NEW_EASY, easyFrom);
  const source = useMemo(() => sourceOf(options), [options]);
  const adding = useAdding(source);
  const { state, choose, sending } = adding;
  useDone(state.at === "added" ? state.name : null, (name) => {
    reset();
    done(name);
  });
  const chosen = "chosen" in state ? state.chosen : null;
  useLookAgain(options, chosen, choose);
  return (
    <>
      {state.at === "choosing" && (
        <DropZone
          about="As easy-dataset wrote it: JSON, JSONL or CSV, in any of its formats. At most 200 MB."
          accept=".jsonl,.json,.csv"
          take={choose}
        />
      )}
      <EasyOptions options={options} set={set} disabled={state.at === "adding"} />
      <Chosen adding={adding} nameOf={({ name }) => name} sizeOf={({ size }) => size} cancel={cancel} />
      <AskBeforeLeaving active={sending} what="The file is still being sent. Nothing of it is kept if you leave now." />
    </>
  );
}

function sourceOf({ reasoning, system, format }: EasyForm): Source<File> {
  const options = { reasoning, system, format };
  return {
    look: async (file, sending) => lookOfReport(await lookAtExport(file, options, sending)),
    add: async (file, { name }, sending) => (await addExport(file, { ...options, name }, sending)).name,
  };
}

/** With other options other rows come of the same file. */
function useLookAgain(options: EasyForm, chosen: File | null, choose: (file: File) => void): void {
  const seen = useRef(options);
  useEffect(() => {
    if (seen.current === options) return;
    if (!chosen) {
      seen.current = options;
      return;
    }
    const timer = setTimeout(() => {
      seen.current = options;
      choose(chosen);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [options, chosen, choose]);
}

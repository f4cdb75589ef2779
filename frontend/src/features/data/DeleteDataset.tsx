import { datasetDeletionQuery, deleteDataset } from "@/client/queries/datasets";
import type { Dataset } from "@/client/types";
import { ConfirmDeletion } from "@/components/deletion/ConfirmDeletion";

export function DeleteDataset({ dataset, close, done }: { dataset: Dataset; close: () => void; done: () => void }) {
  return (
    <ConfirmDeletion
      title={`Delete ${dataset.name}`}
      asks={datasetDeletionQuery(dataset.name)}
      remove={() => deleteDataset(dataset.name)}
      close={close}
      done={done}
    />
  );
}

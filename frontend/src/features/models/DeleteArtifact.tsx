import { artifactDeletionQuery, deleteArtifact } from "@/client/queries/artifacts";
import type { Artifact } from "@/client/types";
import { ConfirmDeletion } from "@/components/deletion/ConfirmDeletion";

export function DeleteArtifact({ artifact, close, done }: { artifact: Artifact; close: () => void; done: () => void }) {
  return (
    <ConfirmDeletion
      title={`Delete ${artifact.name}`}
      asks={artifactDeletionQuery(artifact.id)}
      remove={() => deleteArtifact(artifact.id)}
      close={close}
      done={done}
    />
  );
}

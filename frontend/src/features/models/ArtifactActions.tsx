import { Button } from "@mantine/core";
import { IconMessages, IconRocket, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";

import { datasetsQuery } from "@/client/queries/lists";
import type { Artifact } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";

import { DeleteArtifact } from "./DeleteArtifact";
import { lastPart } from "./words";

const route = getRouteApi("/models/$");

/** The name under which its base is served as it is, to compare with. */
function baseNameOf({ base }: Artifact): string | undefined {
  return base?.startsWith("models/base/") ? lastPart(base) : undefined;
}

/** A training needs rows: without any the way begins there. */
function TrainOnIt({ base }: { base: Artifact }) {
  const { data } = useQuery(datasetsQuery);
  return data?.datasets.length === 0 ? (
    <LinkButton to="/data" search={{ add: "file" }}>
      Add rows to train it on
    </LinkButton>
  ) : (
    <LinkButton to="/train" search={{ base: base.name }}>
      Train on it
    </LinkButton>
  );
}

/** What can be done with an artifact. */
export function ArtifactActions({ artifact, servedNames }: { artifact: Artifact; servedNames: string[] }) {
  const [deleting, setDeleting] = useState(false);
  const navigate = route.useNavigate();
  const [name] = servedNames;
  return (
    <>
      {name !== undefined && (
        <LinkButton to="/chat" search={{ left: baseNameOf(artifact), right: name }} variant="default" leftSection={<IconMessages size={16} aria-hidden />}>
          Talk to it
        </LinkButton>
      )}
      {artifact.kind === "adapter" && (
        <LinkButton to="/release" search={{ adapter: artifact.id }} leftSection={<IconRocket size={16} aria-hidden />}>
          Release
        </LinkButton>
      )}
      {artifact.kind === "base" && <TrainOnIt base={artifact} />}
      <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      {deleting && (
        <DeleteArtifact artifact={artifact} close={() => setDeleting(false)} done={() => void navigate({ to: "/models" })} />
      )}
    </>
  );
}

import { Skeleton, Stack } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";

import { isGone } from "@/client/problem";
import { artifactQuery } from "@/client/queries/artifacts";
import { artifactsQuery, datasetsQuery, releasesQuery } from "@/client/queries/lists";
import type { Artifact, Served } from "@/client/types";
import { Code } from "@/components/Copyable";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page, Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import { ArtifactActions } from "./ArtifactActions";
import { Checkpoints } from "./Checkpoints";
import { Facts } from "./Facts";
import type { Around } from "./lineage";
import { LineageDrawing } from "./LineageDrawing";
import { Reasons } from "./Reasons";
import { kindWord, noteOf } from "./words";

const route = getRouteApi("/models/$");

/** One artifact: what it is, where it comes from, what came of it, and what can be done with it. */
export function ArtifactPage() {
  const { _splat: id = "" } = route.useParams();
  const [lineage, artifacts, datasets, served] = useQueries({
    queries: [artifactQuery(id), artifactsQuery, datasetsQuery, releasesQuery],
  });
  const around = useMemo<Around | null>(() => {
    if (!lineage.data || !served.data || !datasets.data) return null;
    // What the artifact's own answer holds is enough for one step each way; the list leads on from there.
    const near = [lineage.data.artifact, ...lineage.data.parents, ...lineage.data.children];
    return { artifacts: artifacts.data?.artifacts ?? near, datasets: datasets.data.datasets, served: served.data };
  }, [lineage.data, artifacts.data, datasets.data, served.data]);
  if (lineage.error && (!lineage.data || isGone(lineage.error))) return <NotFound id={id} error={lineage.error} retry={() => void lineage.refetch()} />;
  if (!lineage.data) return <Loading id={id} />;
  const { artifact, not_loadable } = lineage.data;
  const servedNames = namesOf(artifact, served.data ?? []);
  return (
    <Page
      title={artifact.name}
      lead={[kindOf(artifact), noteOf(artifact)].filter(Boolean).join(" · ")}
      actions={<ArtifactActions artifact={artifact} servedNames={servedNames} />}
    >
      <Reasons title="It can’t be used" reasons={artifact.problems} />
      <Reasons
        title="It can’t be released as an adapter beside its base"
        reasons={not_loadable}
        remedy="It can be released merged into its base."
      />
      <Section title="Lineage">{around ? <LineageDrawing id={artifact.id} around={around} /> : <Skeleton height={120} />}</Section>
      <Section title="Facts">
        <Facts artifact={artifact} servedNames={servedNames} />
      </Section>
      {artifact.kind === "adapter" && <Checkpoints of={artifact} artifacts={artifacts.data?.artifacts ?? []} />}
      <Section title="Path" aside="From the home folder">
        <Code text={artifact.id} what="path" />
      </Section>
    </Page>
  );
}

export function kindOf(artifact: Artifact): string {
  return artifact.checkpoint == null ? kindWord(artifact.kind) : `checkpoint at step ${artifact.checkpoint}`;
}

/** The names under which this is served now, as itself or as a piece. */
export function namesOf(artifact: Artifact, served: readonly Served[]): string[] {
  return served
    .filter(({ releases, current }) => {
      const release = releases.find(({ number }) => number === current);
      return release && (release.adapter === artifact.id || release.pieces.some(({ path }) => path === artifact.id));
    })
    .map(({ name }) => name);
}

function Loading({ id }: { id: string }) {
  return (
    <Page title={id.split("/").at(-1) ?? id} lead={<LeadLoading />}>
      <Stack gap={16} aria-hidden>
        <Skeleton height={120} />
        <Skeleton height={200} />
      </Stack>
    </Page>
  );
}

function NotFound({ id, error, retry }: { id: string; error: unknown; retry: () => void }) {
  return (
    <Page title={id}>
      <ProblemAlert
        error={error}
        retry={retry}
        action={
          <LinkButton to="/models" size="compact-sm">
            All models
          </LinkButton>
        }
      />
    </Page>
  );
}

import { IconPlus } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";

import { artifactsQuery, deploymentsQuery, releasesQuery } from "@/client/queries/lists";
import { Empty } from "@/components/Empty";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes, plural } from "@/lib/format";

import { AddModel } from "./AddModel";
import { Filters } from "./Filters";
import { Imports } from "./Imports";
import { Loading } from "./Loading";
import { Tree } from "./Tree";
import { treeOf, type TreeNode } from "./tree";
import { Unreadable } from "./Unreadable";
import { useFolds } from "./useFolds";
import { found, rowsOf } from "./walk";

const route = getRouteApi("/models");

/** Everything that was trained, merged and converted, below what it was made from. */
export function ModelsPage() {
  const { add } = route.useSearch();
  const { roots, size, bytesOfAll, loading, error, retry, unreadable } = useTree();
  return (
    <Page
      full
      title="Models"
      lead={loading ? <LeadLoading /> : !error && `${plural(size, "artifact")}, ${bytes(bytesOfAll)} in all`}
      actions={
        <LinkButton from="/models" to="/models" search={(before) => ({ ...before, add: "starter" as const })} leftSection={<IconPlus size={16} />}>
          Bring in a base
        </LinkButton>
      }
    >
      <Imports />
      {error ? <ProblemAlert error={error} retry={retry} /> : null}
      {loading ? <Loading /> : null}
      {!loading && !error ? roots.length > 0 ? <Grove roots={roots} size={size} /> : <NoModels /> : null}
      <Unreadable folders={unreadable} />
      {add && <AddModel way={add} />}
    </Page>
  );
}

function useTree() {
  const [artifacts, served, deployments] = useQueries({ queries: [artifactsQuery, releasesQuery, deploymentsQuery] });
  const roots = useMemo(
    () =>
      artifacts.data
        ? treeOf({ artifacts: artifacts.data.artifacts, served: served.data ?? [], deployments: deployments.data ?? [] })
        : [],
    [artifacts.data, served.data, deployments.data],
  );
  return {
    roots,
    size: artifacts.data?.artifacts.length ?? 0,
    bytesOfAll: useMemo(() => artifacts.data?.artifacts.reduce((sum, each) => sum + each.bytes, 0) ?? 0, [artifacts.data]),
    // Names come into the tree a moment after their models; nothing moves if all are drawn at once.
    loading: artifacts.isPending || served.isPending || deployments.isPending,
    error: [artifacts, served, deployments].find(({ data, error }) => error && !data)?.error,
    retry: () => void [artifacts, served, deployments].filter(({ error }) => error).map(({ refetch }) => refetch()),
    unreadable: artifacts.data?.unreadable ?? [],
  };
}

function Grove({ roots, size }: { roots: TreeNode[]; size: number }) {
  const { q, kind } = route.useSearch();
  const filter = [q, ...(kind ?? [])].filter(Boolean).join(" ");
  const { isOpen, fold } = useFolds(size, filter);
  const kept = useMemo(() => found(roots, { q, kind }), [roots, q, kind]);
  const rows = useMemo(() => rowsOf(kept, isOpen), [kept, isOpen]);
  return (
    <>
      <Filters fitting={filter ? kept.fits.size : null} />
      {rows.length > 0 ? <Tree rows={rows} fold={fold} /> : <NothingFits />}
    </>
  );
}

function NothingFits() {
  return (
    <Empty
      title="Nothing fits this filter"
      action={
        <LinkButton to="/models" variant="default">
          Show all
        </LinkButton>
      }
    />
  );
}

function NoModels() {
  return (
    <Empty
      title="No model is here yet"
      action={
        <LinkButton to="/models" search={{ add: "starter" }}>
          Bring in a base
        </LinkButton>
      }
    >
      A base model is what a training begins with. The starter is small enough for any machine; others come from Hugging Face
      or a folder.
    </Empty>
  );
}

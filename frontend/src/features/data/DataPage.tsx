import "@mantine/core/styles/Input.layer.css";

import { CloseButton, Skeleton, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { datasetsQuery } from "@/client/queries/lists";
import type { Dataset } from "@/client/types";
import { Empty } from "@/components/Empty";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes, plural } from "@/lib/format";
import { useTyped } from "@/lib/useTyped";

import { AddData } from "./AddData";
import { Curtain } from "./Curtain";
import { DatasetTable } from "./DatasetTable";

const route = getRouteApi("/data");

/** The data sets: what there is to train on. */
export function DataPage() {
  const { add } = route.useSearch();
  const { data, error, refetch, isPending } = useQuery(datasetsQuery);
  const [dropped, setDropped] = useState<File | null>(null);
  const navigate = route.useNavigate();
  const drop = (file: File) => {
    setDropped(file);
    void navigate({ search: (before) => ({ ...before, add: "file" as const }) });
  };
  return (
    <Page
      full
      title="Data"
      lead={data ? leadOf(data.datasets) : isPending && <LeadLoading />}
      actions={
        <LinkButton from="/data" to="/data" search={(before) => ({ ...before, add: "file" as const })} leftSection={<IconPlus size={16} aria-hidden />}>
          Add rows
        </LinkButton>
      }
    >
      {error && !data && <ProblemAlert error={error} retry={() => void refetch()} />}
      {isPending && <Loading />}
      {data && (data.datasets.length > 0 ? <Sets datasets={data.datasets} /> : <NoData />)}
      {!add && <Curtain drop={drop} />}
      {add && <AddData way={add} dropped={dropped} />}
    </Page>
  );
}

function Sets({ datasets }: { datasets: Dataset[] }) {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, type] = useTyped(q, (text) => void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true }));
  const shown = useMemo(() => filtered(datasets, q), [datasets, q]);
  return (
    <>
      {(datasets.length > 8 || q) && (
        <TextInput
          type="search"
          aria-label="Filter data sets"
          placeholder="Name, format, source …"
          value={typed}
          onChange={({ currentTarget }) => type(currentTarget.value)}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={typed ? <CloseButton size="sm" aria-label="Clear the text" onClick={() => type("")} /> : null}
          maw={340}
        />
      )}
      {shown.length > 0 ? <DatasetTable datasets={shown} /> : <Empty title="No data set fits this text" />}
    </>
  );
}

export function filtered(datasets: Dataset[], q: string): Dataset[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return datasets;
  return datasets.filter(({ name, format, source, path }) => {
    const text = [name, format, source ?? "", path].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function leadOf(datasets: Dataset[]): string {
  const rows = datasets.reduce((sum, each) => sum + each.rows, 0);
  const size = datasets.reduce((sum, each) => sum + each.bytes, 0);
  return `${plural(datasets.length, "data set")}, ${plural(rows, "row")}, ${bytes(size)}`;
}

function Loading() {
  return (
    <Stack gap={8} aria-hidden>
      {Array.from({ length: 6 }, (_, index) => (
        <Skeleton key={index} height={28} width={`${100 - (index % 3) * 12}%`} />
      ))}
    </Stack>
  );
}

function NoData() {
  return (
    <Empty
      title="No rows are here yet"
      action={
        <LinkButton to="/data" search={{ add: "file" }}>
          Add rows
        </LinkButton>
      }
    >
      A training learns from rows: questions with their answers, or whole chats. They come from a file, or from easy-dataset, which
      makes them out of your documents. A file may be dropped anywhere on this page.
    </Empty>
  );
}

import "@mantine/core/styles/Input.layer.css";

import { Button, CloseButton, Skeleton, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";

import { runsQuery } from "@/client/queries/lists";
import type { Run } from "@/client/types";
import { Empty } from "@/components/Empty";
import { LinkButton } from "@/components/LinkButton";
import { NextStep } from "@/components/NextStep";
import { Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { plural } from "@/lib/format";
import { useTyped } from "@/lib/useTyped";

import { CurvePanel } from "./curves/CurvePanel";
import { MOST } from "./curves/look";
import { useCurves } from "./curves/useCurves";
import { useSlots } from "./curves/useSlots";
import { filtered, sorted } from "./runs";
import classes from "./RunsPage.module.css";
import type { RunsSearch } from "./search";
import { RunTable } from "./table/RunTable";

const route = getRouteApi("/runs");

/** Every training, ours and those that were started elsewhere; the curves of those that are ticked. */
export function RunsPage() {
  const { data, error, refetch } = useQuery(runsQuery);
  const runs = data?.runs;
  return (
    <Page
      title="Runs"
      full
      actions={
        <LinkButton to="/train" leftSection={<IconPlus size={16} aria-hidden />}>
          Train
        </LinkButton>
      }
    >
      {error && !runs && <ProblemAlert error={error} retry={() => void refetch()} />}
      {runs ? runs.length ? <Runs runs={runs} /> : <NoRuns /> : !error && <Loading />}
    </Page>
  );
}

function Runs({ runs }: { runs: Run[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [focus, setFocus] = useState<string | null>(null);
  const change = useCallback(
    // What is typed or dragged is no state of its own to go back to.
    (next: Partial<RunsSearch>) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace: "q" in next || "smooth" in next }),
    [navigate],
  );
  const names = useMemo(() => (search.show ?? []).slice(0, MOST), [search.show]);
  const slots = useSlots(names);
  const curves = useCurves(names, runs);
  const onShow = useCallback(
    (name: string, show: boolean) => {
      setFocus(null);
      void navigate({
        search: (before) => {
          const others = (before.show ?? []).filter((each) => each !== name);
          const next = show ? [...others, name] : others;
          return { ...before, show: next.length ? next : undefined };
        },
      });
    },
    [navigate],
  );
  const fitting = useMemo(() => sorted(filtered(runs, search.q ?? ""), search.sort), [runs, search.q, search.sort]);
  return (
    <>
      {names.length > 0 && (
        <CurvePanel
          runs={curves}
          slots={slots}
          search={search}
          change={change}
          focus={focus}
          onFocus={setFocus}
          onRemove={(name) => onShow(name, false)}
        />
      )}
      <Filters runs={runs} fitting={fitting.length} shown={names.length} change={change} />
      {fitting.length ? (
        <RunTable
          runs={fitting}
          sort={search.sort}
          onSort={(sort) => change({ sort })}
          slots={slots}
          onShow={onShow}
          focus={focus}
          onFocus={setFocus}
        />
      ) : (
        <Empty
          title={`No run fits “${search.q ?? ""}”`}
          action={
            <Button variant="default" onClick={() => change({ q: undefined })}>
              Show all
            </Button>
          }
        >
          Names, bases and data sets are looked through.
        </Empty>
      )}
    </>
  );
}

interface FiltersProps {
  runs: Run[];
  fitting: number;
  shown: number;
  change: (next: Partial<RunsSearch>) => void;
}

function Filters({ runs, fitting, shown, change }: FiltersProps) {
  const { q = "" } = route.useSearch();
  const [text, type] = useTyped(q, (typed) => change({ q: typed || undefined }));
  return (
    <div className={classes.filters} role="search" aria-label="Filter runs">
      <TextInput
        type="search"
        className={classes.search}
        size="sm"
        value={text}
        onChange={({ currentTarget }) => type(currentTarget.value)}
        placeholder="Name, base or data set"
        aria-label="Filter runs"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text && <CloseButton size="sm" aria-label="Clear the filter" onClick={() => type("")} />}
      />
      <span className={classes.count} aria-live="polite">
        {q ? `${fitting} of ${plural(runs.length, "run")}` : plural(runs.length, "run")}
        {shown === 0 && fitting > 0 && ", tick some to lay their curves over each other"}
      </span>
      {shown > 0 && (
        <Button size="compact-sm" variant="default" onClick={() => change({ show: undefined })}>
          Untick {shown === 1 ? "it" : `all ${shown}`}
        </Button>
      )}
    </div>
  );
}

function NoRuns() {
  return (
    <Empty title="No training yet" action={<NextStep to="train" />}>
      A run is one training of a base model on your data sets: its curves, its checkpoints, and the adapter that comes of it. Those of
      LlamaBoard stand here, too.
    </Empty>
  );
}

function Loading() {
  return (
    <div aria-busy aria-label="Loading the runs">
      {Array.from({ length: 8 }, (_, index) => (
        <Skeleton key={index} height={28} mb={8} />
      ))}
    </div>
  );
}

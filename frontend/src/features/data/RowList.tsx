import "@mantine/core/styles/Input.layer.css";

import { Button, Group, Skeleton, TextInput } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type SubmitEvent, type RefObject } from "react";

import { CHUNK, rowsQuery, type Row } from "@/client/queries/datasets";
import type { Dataset } from "@/client/types";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { count } from "@/lib/format";

import classes from "./RowList.module.css";
import { WINDOW, windowOf } from "./rows";
import { RowView } from "./RowView";

const route = getRouteApi("/data/$name");
const ROW_PX = 140;

/** The rows as they are in the file: only those in sight are fetched and drawn. */
export function RowList({ dataset }: { dataset: Dataset }) {
  const { row = 1 } = route.useSearch();
  const { start, count: size } = windowOf(row, dataset.rows);
  return (
    <Section title="Rows" aside={<Jump total={dataset.rows} row={row} />}>
      {dataset.rows > WINDOW && <Windows start={start} size={size} total={dataset.rows} />}
      <Stretch key={`${dataset.sha256} ${start}`} dataset={dataset} start={start} size={size} row={row} />
    </Section>
  );
}

function Stretch({ dataset, start, size, row }: { dataset: Dataset; start: number; size: number; row: number }) {
  const box = useRef<HTMLDivElement>(null);
  const { virtual, rowAt, error, retry } = useRows(dataset, start, size, box);
  const asked = row - 1 - start;
  useEffect(() => {
    if (asked > 0) virtual.scrollToIndex(asked, { align: "start" });
  }, [asked, virtual]);
  if (error) return <ProblemAlert error={error} retry={retry} />;
  return (
    <div ref={box} className={classes.box} role="region" aria-label="Rows of the file" tabIndex={0}>
      <div role="list" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start: top }) => (
          <div
            key={index}
            ref={virtual.measureElement}
            data-index={index}
            role="listitem"
            aria-setsize={dataset.rows}
            aria-posinset={start + index + 1}
            className={classes.row}
            data-asked={index === asked && row > 1 ? true : undefined}
            style={{ transform: `translateY(${top}px)` }}
          >
            <span className={classes.number}>{count(start + index + 1)}</span>
            <RowOrWait row={rowAt(index)} />
          </div>
        ))}
      </div>
    </div>
  );
}

function RowOrWait({ row }: { row: Row | null | undefined }) {
  if (row === undefined) return <Skeleton height={ROW_PX - 24} />;
  // What isn't there though it was counted: another tool's file with a line that is no JSON object.
  return row ? <RowView row={row} /> : <span className={classes.number}>This line is no JSON object.</span>;
}

/** The rows of a window, in chunks as they come into sight. */
function useRows(dataset: Dataset, start: number, size: number, box: RefObject<HTMLDivElement | null>) {
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({ count: size, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 4 });
  const seen = virtual.getVirtualItems().map(({ index }) => Math.floor((start + index) / CHUNK));
  const chunks = [...new Set(seen)];
  const answers = useQueries({ queries: chunks.map((chunk) => rowsQuery(dataset, chunk)) });
  const rowAt = (index: number): Row | null | undefined => {
    const answer = answers[chunks.indexOf(Math.floor((start + index) / CHUNK))]?.data;
    return answer && (answer.rows[(start + index) % CHUNK] ?? null);
  };
  const failed = answers.find(({ data, error }) => error && !data);
  return { virtual, rowAt, error: failed?.error, retry: () => void failed?.refetch() };
}

function Windows({ start, size, total }: { start: number; size: number; total: number }) {
  const navigate = route.useNavigate();
  const go = (row: number) => void navigate({ search: { row } });
  return (
    <Group gap={12}>
      <Button variant="default" size="compact-sm" disabled={start === 0} onClick={() => go(start - WINDOW + 1)}>
        Earlier
      </Button>
      <span className="figures">
        {count(start + 1)} to {count(start + size)} of {count(total)}
      </span>
      <Button variant="default" size="compact-sm" disabled={start + size >= total} onClick={() => go(start + size + 1)}>
        Later
      </Button>
    </Group>
  );
}

/** Go to a row by its number. */
function Jump({ total, row }: { total: number; row: number }) {
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = Number(typed);
    if (!Number.isInteger(wanted) || wanted < 1) return;
    void navigate({ search: { row: Math.min(wanted, total) }, replace: row > 1 });
    setTyped("");
  };
  if (total <= 10) return null;
  return (
    <form onSubmit={submit}>
      <TextInput
        size="xs"
        w={130}
        aria-label={`Go to a row, 1 to ${total}`}
        placeholder={`Go to 1–${count(total)}`}
        inputMode="numeric"
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value.replace(/\D/g, ""))}
      />
    </form>
  );
}

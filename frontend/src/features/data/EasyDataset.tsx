import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/SegmentedControl.layer.css";

import { Checkbox, NativeSelect, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";

import { asProblem } from "@/client/problem";
import { easyPreviewQuery, easyProjectsQuery, importEasy, type EasyProject } from "@/client/queries/datasets";
import { Empty } from "@/components/Empty";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { useDraft } from "@/components/useDraft";
import { count, plural } from "@/lib/format";

import { AddForm } from "./AddForm";
import { AskBeforeLeaving } from "./AskBeforeLeaving";
import { easyFrom, NEW_EASY, wantedOf, type EasyForm } from "./easy";
import { EasyOptions } from "./EasyOptions";
import { lookOfReport } from "./look";
import { LookView } from "./LookView";
import { NotReachable } from "./NotReachable";
import { useDone } from "./useDone";

interface Props {
  done: (name: string) => void;
  cancel: () => void;
}

/** Rows of a project of easy-dataset: which ones, how they are written, what would come of it. */
export function EasyDataset({ done, cancel }: Props) {
  const projects = useQuery(easyProjectsQuery);
  const { value: form, set, reset } = useDraft("add-easy-dataset", NEW_EASY, easyFrom);
  const finish = (name: string) => {
    reset();
    done(name);
  };
  if (projects.isPending) return <Skeleton height={200} />;
  if (projects.error) {
    const retry = () => void projects.refetch();
    const away = asProblem(projects.error).status === 503;
    return away ? <NotReachable error={projects.error} retry={retry} /> : <ProblemAlert error={projects.error} retry={retry} />;
  }
  if (projects.data.projects.length === 0) {
    return (
      <Empty title="easy-dataset has no project yet">Make one there, let it ask and answer questions out of your documents, and come back.</Empty>
    );
  }
  const known = projects.data.projects.find(({ id }) => id === form.project) ?? projects.data.projects[0];
  const chosen = known ? { ...form, project: known.id } : form;
  return (
    <Stack gap="md">
      <Which projects={projects.data.projects} form={chosen} set={set} />
      <EasyOptions options={chosen} set={set} />
      <Preview key={chosen.project} form={chosen} done={finish} cancel={cancel} />
    </Stack>
  );
}

function Which({ projects, form, set }: { projects: EasyProject[]; form: EasyForm; set: (next: Partial<EasyForm>) => void }) {
  const project = projects.find(({ id }) => id === form.project);
  return (
    <>
      <NativeSelect
        label="Project"
        data={projects.map(({ id, name, rows }) => ({ value: id, label: `${name} – ${plural(rows, "row")}` }))}
        value={form.project}
        onChange={({ currentTarget }) => set({ project: currentTarget.value })}
      />
      <SegmentedControl
        fullWidth
        aria-label="What to take"
        data={[
          { value: "rows", label: `Rows (${count(project?.rows)})` },
          { value: "conversations", label: "Conversations" },
          { value: "evaluation", label: `Evaluation (${count(project?.evaluation)})` },
        ]}
        value={form.content}
        onChange={(value) => set({ content: value })}
      />
      <Checkbox
        label="Confirmed only"
        description={form.content === "evaluation" ? "Evaluation sets know no confirmed rows." : "Rows that somebody confirmed in easy-dataset."}
        disabled={form.content === "evaluation"}
        checked={form.confirmed && form.content !== "evaluation"}
        onChange={({ currentTarget }) => set({ confirmed: currentTarget.checked })}
      />
    </>
  );
}

const SETTLE_MS = 400;

function Preview({ form, done, cancel }: Props & { form: EasyForm }) {
  const [settled] = useDebouncedValue(form, SETTLE_MS);
  const preview = useQuery(easyPreviewQuery(wantedOf(settled)));
  const take = useMutation({ mutationFn: importEasy });
  useDone(take.data?.name, done);
  if (preview.error) return <ProblemAlert error={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data) return <Skeleton height={160} />;
  const stale = preview.isPlaceholderData || JSON.stringify(settled) !== JSON.stringify(form);
  const look = lookOfReport(preview.data);
  return (
    <>
      <LookView look={look} dim={stale} />
      {look.rows > 0 && (
        <AddForm
          key={look.name}
          look={look}
          problem={take.error ? asProblem(take.error) : null}
          sent={take.isPending ? 1 : undefined}
          stale={stale}
          add={({ name }) => take.mutate(wantedOf(form, name))}
          cancel={cancel}
        />
      )}
      <AskBeforeLeaving active={take.isPending} what="The rows are still being taken over." />
    </>
  );
}

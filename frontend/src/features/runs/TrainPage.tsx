import { Button, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { asProblem } from "@/client/problem";
import { artifactsQuery, datasetsQuery, runsQuery } from "@/client/queries/lists";
import { runPlanQuery, startRun, trainingOptions, type TrainingRequest } from "@/client/queries/runs";
import { Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { againstName } from "@/lib/names";

import { Fields, type Stock } from "./train/Fields";
import { requestOf, wrongFields, type Values } from "./train/form";
import classes from "./train/Train.module.css";
import { TrainPlan } from "./train/TrainPlan";
import { useTraining, type TrainingForm } from "./train/useTraining";

const SETTLE_MS = 400;

/** A training is put together; beside it what it would run. */
export function TrainPage() {
  const options = useQuery(trainingOptions);
  const artifacts = useQuery(artifactsQuery);
  const datasets = useQuery(datasetsQuery);
  const runs = useQuery(runsQuery);
  const broken = [options, artifacts, datasets, runs].find(({ error, data }) => error && !data);
  const stock = useMemo<Stock | null>(() => {
    if (!options.data || !artifacts.data || !datasets.data || !runs.data) return null;
    return {
      ...options.data,
      bases: artifacts.data.artifacts.filter(({ kind }) => kind === "base" || kind === "merged"),
      datasets: datasets.data.datasets.filter(({ problems }) => problems.length === 0),
      taken: new Set(runs.data.runs.map(({ name }) => name)),
    };
  }, [options.data, artifacts.data, datasets.data, runs.data]);
  return (
    <Page title="Train" lead="Teach a base model your rows. What comes of it can be released and asked.">
      {broken && <ProblemAlert error={broken.error} retry={() => void broken.refetch()} />}
      {stock ? <Training stock={stock} /> : !broken && <Loading />}
    </Page>
  );
}

function Training({ stock }: { stock: Stock }) {
  const form = useTraining(stock.settings);
  const { request, plan, stale, missing } = usePlan(stock, form.value);
  const start = useStart(request, form.reset);
  if (!form.ready) return <Loading />;
  const wrong = { ...wrongOf(start.error), ...wrongOf(plan.error) };
  return (
    <>
      <FilledIn form={form} />
      <div className={classes.columns}>
        <Fields
          stock={stock}
          values={form.value}
          change={(name, value) => form.set({ ...form.value, [name]: value })}
          wrong={missing ? {} : wrong}
          made={{ name: plan.data?.name, template: plan.data?.template }}
        />
        <TrainPlan plan={plan.data} error={plan.error} stale={stale} missing={missing} retry={() => void plan.refetch()} start={start} />
      </div>
      {form.kept && (
        <div>
          <Button variant="default" size="compact-sm" onClick={form.reset}>
            Begin anew with the defaults
          </Button>
        </div>
      )}
    </>
  );
}

/** The plan of what the form says, a moment after the last change; the last one stays while a new one is made. */
function usePlan(stock: Stock, values: Values) {
  const request = useMemo(() => requestOf(stock.settings, normal(stock, values)), [stock, values]);
  const missing = missingOf(request);
  const [asked] = useDebouncedValue(request, SETTLE_MS);
  const plan = useQuery({ ...runPlanQuery(asked), enabled: missing === null && missingOf(asked) === null, placeholderData: keepPreviousData });
  const stale = JSON.stringify(asked) !== JSON.stringify(request) || plan.isPlaceholderData || plan.isFetching;
  return { request, plan, stale, missing };
}

function useStart(request: TrainingRequest, done: () => void) {
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => startRun(request),
    onSuccess: async (job) => {
      await navigate({ to: "/jobs/$id", params: { id: job.id } });
      done();
    },
  });
  return { run: () => start.mutate(), pending: start.isPending, error: start.error };
}

/** A base by its id, also where an address gave its name. */
function normal({ bases }: Stock, values: Values): Values {
  const base = bases.find(({ id, name }) => id === values.base || name === values.base);
  return base ? { ...values, base: base.id } : values;
}

function missingOf(request: TrainingRequest): string | null {
  if (request.base === undefined) return "Choose a base model, and the plan stands here.";
  if (request.dataset === undefined) return "Choose a data set, and the plan stands here.";
  return typeof request.name === "string" && againstName(request.name) ? "Give it a name that can be one, and the plan stands here." : null;
}

function wrongOf(error: Error | null): Record<string, string> {
  return error ? wrongFields(asProblem(error).wrong) : {};
}

function FilledIn({ form }: { form: TrainingForm }) {
  if (form.error) return <ProblemAlert error={form.error} />;
  if (!form.filled) return null;
  const { like, left } = form.filled;
  return (
    <div className={classes.filled} role="status">
      <p>
        The settings of <b dir="auto">{like}</b> are filled in
        {left.length > 0 && <>, but for {left.join(", ")}: a new run can’t have what it had there</>}.
      </p>
      <Button size="compact-sm" variant="default" onClick={form.undo}>
        Undo
      </Button>
    </div>
  );
}

function Loading() {
  return (
    <div className={classes.columns} aria-busy>
      <div>
        {Array.from({ length: 6 }, (_, index) => (
          <div key={index}>
            <Skeleton height={14} width={80} mb={6} />
            <Skeleton height={36} mb={16} />
          </div>
        ))}
      </div>
      <Skeleton height={240} />
    </div>
  );
}

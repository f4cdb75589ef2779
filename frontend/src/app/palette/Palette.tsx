import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/spotlight/styles.layer.css";

import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { useQueries } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";

import { PAGES } from "../frame/pages";
import { openShortcuts } from "./open";
import { liveJobs } from "@/client/queries/jobs";
import { artifactsQuery, datasetsQuery, releasesQuery, runsQuery, servicesQuery } from "@/client/queries/lists";
import { jobWord } from "@/components/state/State";
import { kindWord } from "@/features/models/words";

/** More would only be scrolled past; typing narrows it. */
const SHOWN = 40;

const [store, spotlight] = createSpotlight();

/** Everything there is, by name. Loaded when it is first opened. */
export default function Palette({ close }: { close: () => void }) {
  const groups = useGroups();
  const [query, setQuery] = useState("");
  useEffect(() => spotlight.open(), []);
  return (
    <Spotlight
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={close}
      shortcut={null}
      actions={groups}
      limit={SHOWN}
      scrollable
      maxHeight={480}
      highlightQuery
      nothingFound="Nothing has this name"
      searchProps={{ placeholder: "Go to a page, a job, a model, a run …", "aria-label": "Go to" }}
    />
  );
}

function useGroups(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const [jobs, artifacts, datasets, runs, releases, services] = useQueries({
    queries: [liveJobs, artifactsQuery, datasetsQuery, runsQuery, releasesQuery, servicesQuery],
  });
  return useMemo(() => {
    const group = (name: string, actions: SpotlightActionData[]) => ({ group: name, actions });
    const go = (id: string, label: string, description: string, onClick: () => unknown): SpotlightActionData => ({
      id,
      label,
      description,
      onClick: () => void onClick(),
    });
    return [
      group(
        "Pages",
        PAGES.map(({ to, label, about }) => go(to, label, about, () => navigate({ to }))),
      ),
      group("Do", [
        go("do-train", "Start a training", "On your rows, with a base of yours", () => navigate({ to: "/train" })),
        go("do-release", "Release an adapter", "Check it and serve it under a name", () => navigate({ to: "/release" })),
        go("do-rows", "Add rows", "From a file or from easy-dataset", () => navigate({ to: "/data", search: { add: "file" } })),
        go("do-base", "Bring in a base model", "From Hugging Face, a folder, or the starter", () =>
          navigate({ to: "/models", search: { add: "starter" } }),
        ),
        go("do-keys", "Keyboard shortcuts", "What the keys do", openShortcuts),
      ]),
      group(
        "Served names",
        (releases.data ?? []).map(({ name }) =>
          go(`served-${name}`, name, "Served name", () => navigate({ to: "/release/$name", params: { name } })),
        ),
      ),
      group(
        "Jobs",
        (jobs.data ?? []).map(({ id, title, state }) =>
          go(`job-${id}`, title, `${id} · ${jobWord(state)}`, () => navigate({ to: "/jobs/$id", params: { id } })),
        ),
      ),
      group(
        "Runs",
        (runs.data?.runs ?? []).map(({ name }) =>
          go(`run-${name}`, name, "Run", () => navigate({ to: "/runs/$", params: { _splat: name } })),
        ),
      ),
      group(
        "Models",
        (artifacts.data?.artifacts ?? []).map(({ id, name, kind, checkpoint }) =>
          go(`artifact-${id}`, name, `${kindWord(checkpoint == null ? kind : "checkpoint")} · ${id}`, () => navigate({ to: "/models/$", params: { _splat: id } })),
        ),
      ),
      group(
        "Data sets",
        (datasets.data?.datasets ?? []).map(({ name, rows }) =>
          go(`dataset-${name}`, name, `Data set · ${rows} rows`, () => navigate({ to: "/data/$name", params: { name } })),
        ),
      ),
      group(
        "Services",
        (services.data?.services ?? []).map(({ name, title, purpose }) =>
          go(`service-${name}`, title || name, purpose, () => navigate({ to: "/services", search: { log: name } })),
        ),
      ),
    ].filter(({ actions }) => actions.length > 0);
  }, [navigate, jobs.data, artifacts.data, datasets.data, runs.data, releases.data, services.data]);
}

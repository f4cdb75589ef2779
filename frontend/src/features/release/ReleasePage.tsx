import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { artifactsQuery, releasesQuery } from "@/client/queries/lists";
import { releaseOptionsQuery } from "@/client/queries/releases";
import { Empty } from "@/components/Empty";
import { NextStep } from "@/components/NextStep";
import { Page, Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { useDraft } from "@/components/useDraft";

import { adapterChoices, formAt, NEW, parseForm, withAdapter, type ReleaseForm } from "./form";
import { PlanPanel } from "./PlanPanel";
import { Fields } from "./Fields";
import classes from "./ReleasePage.module.css";
import { ServedNames } from "./ServedNames";

/** An adapter becomes a model that is served: its options, what they would run, and what is served already. */
export function ReleasePage() {
  return (
    <Page title="Release" lead="Make a trained adapter a model that answers, proven to be what was trained.">
      <NewRelease />
      <Section title="Served names">
        <ServedNames />
      </Section>
    </Page>
  );
}

function NewRelease() {
  const search = useSearch({ from: "/release" });
  const navigate = useNavigate({ from: "/release" });
  const draft = useDraft("release", NEW, parseForm);
  const artifacts = useQuery(artifactsQuery);
  const served = useQuery(releasesQuery);
  const form = formAt(draft.value, search);
  const options = useQuery(releaseOptionsQuery(form.adapter));
  const choices = adapterChoices(artifacts.data?.artifacts ?? []);

  // The address names the adapter, so that it can be opened again; every other field lives in the draft alone.
  const change = (next: Partial<ReleaseForm>) => {
    const changed = next.adapter === undefined ? { ...form, ...next } : withAdapter(form, next.adapter);
    draft.set(() => changed);
    if (changed.adapter !== search.adapter || search.name !== undefined) {
      void navigate({ search: { adapter: changed.adapter || undefined }, replace: true });
    }
  };

  if (artifacts.error && !artifacts.data) return <ProblemAlert error={artifacts.error} retry={() => void artifacts.refetch()} />;
  if (artifacts.data && choices.length === 0) return <NoAdapters />;
  return (
    <div className={classes.columns}>
      <Fields
        form={form}
        change={change}
        loading={!artifacts.data || !draft.ready}
        choices={choices}
        bases={(artifacts.data?.artifacts ?? []).filter((each) => each.kind === "base")}
        served={served.data ?? []}
        options={form.adapter ? options.data : undefined}
      />
      <PlanPanel form={form} change={change} done={draft.reset} />
    </div>
  );
}

function NoAdapters() {
  return (
    <Empty
      title="There is no adapter to release yet"
      action={<NextStep />}
    >
      A training makes an adapter. One that was made elsewhere counts too, as soon as its folder lies under saves/.
    </Empty>
  );
}

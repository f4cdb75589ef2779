import { useQuery } from "@tanstack/react-query";

import { provenanceQuery, type Provenance } from "@/client/queries/datasets";
import type { Dataset } from "@/client/types";
import { Copy } from "@/components/Copyable";
import { FactList, type Fact } from "@/components/facts/FactList";
import { Section } from "@/components/page/Page";
import { Time } from "@/components/Time";
import { UNKNOWN } from "@/lib/format";

import classes from "./DatasetPage.module.css";
import { SourceOf } from "./DatasetTable";
import { askedInWords, countsInWords } from "./provenance";

/** Where its rows are from, and what tells it from any other. */
export function DatasetFacts({ dataset }: { dataset: Dataset }) {
  const { data } = useQuery(provenanceQuery(dataset));
  return (
    <Section title="Where it is from">
      <FactList facts={factsOf(dataset, data)} />
    </Section>
  );
}

function factsOf(dataset: Dataset, from: Provenance | undefined): Fact[] {
  const asked = from ? askedInWords(from.asked) : "";
  const counts = from ? countsInWords(from.counts) : "";
  const facts: (Fact | null)[] = [
    ["Source", <SourceOf key="source" dataset={dataset} />],
    dataset.made_outside ? null : ["Added", from ? <Time key="added" at={from.made_at} /> : UNKNOWN],
    from?.tool ? ["Tool", [from.tool, from.version].filter(Boolean).join(" ")] : null,
    from?.project ? ["Project", <bdi key="project">{from.project}</bdi>] : null,
    asked ? ["Asked for", asked] : null,
    counts ? ["Found", counts] : null,
    from?.beside ? ["Row by row", <code key="beside">{from.beside}</code>] : null,
    dataset.sha256 ? ["SHA-256", <Hash key="hash" text={dataset.sha256} />] : null,
  ];
  return facts.filter((fact) => fact !== null);
}

function Hash({ text }: { text: string }) {
  return (
    <span className={classes.hash}>
      <code>{text}</code>
      <Copy value={text} what="SHA-256" />
    </span>
  );
}

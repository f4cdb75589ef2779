import { Link } from "@tanstack/react-router";

import type { Artifact } from "@/client/types";
import { Code } from "@/components/Copyable";
import { FactList, type Fact } from "@/components/facts/FactList";
import { Time } from "@/components/Time";
import { bytes, count, UNKNOWN } from "@/lib/format";

import classes from "./Facts.module.css";
import { magnitude, sourceOf } from "./words";

/** What is known of an artifact, from its files and from the record beside it. */
export function Facts({ artifact, servedNames }: { artifact: Artifact; servedNames: readonly string[] }) {
  return (
    <>
      <FactList facts={factsOf(artifact, servedNames)} />
      <Recipe artifact={artifact} />
    </>
  );
}

function factsOf(artifact: Artifact, servedNames: readonly string[]): Fact[] {
  const { kind, lineage, base, run } = artifact;
  const facts: (Fact | null)[] = [
    kind === "adapter" ? null : ["Architecture", artifact.architecture ?? UNKNOWN],
    kind === "adapter"
      ? ["Rank", count(artifact.rank)]
      : ["Parameters", artifact.parameters ? `${magnitude(artifact.parameters)} (${count(artifact.parameters)})` : UNKNOWN],
    kind === "adapter" ? null : [kind === "gguf" ? "Quantisation" : "Weights", artifact.quantisation ?? UNKNOWN],
    kind === "adapter" ? null : ["Tensors", count(artifact.tensors)],
    ["Size", `${bytes(artifact.bytes)} (${count(artifact.bytes)} bytes)`],
    kind === "base" ? null : ["Base", <BaseName key="base" base={base} />],
    run == null ? null : ["Run", <RunName key="run" run={run} />],
    servedNames.length > 0 ? ["Served as", <ServedAs key="served" names={servedNames} />] : null,
    kind === "base" && sourceOf(artifact) ? ["Came from", sourceOf(artifact)] : null,
    ["Made by", <MadeBy key="by" lineage={lineage} />],
    lineage ? ["Made", <Time key="made" at={lineage.made_at} />] : null,
    ["Changed", <Time key="changed" at={artifact.modified_at} />],
  ];
  return facts.filter((fact) => fact !== null);
}

function BaseName({ base }: { base: string | null | undefined }) {
  if (!base) return UNKNOWN;
  // Other tools name a base as its hub does; only a path of this home has a page.
  if (!base.startsWith("models/")) return base;
  return (
    <Link to="/models/$" params={{ _splat: base }}>
      {base.slice(base.lastIndexOf("/") + 1)}
    </Link>
  );
}

function ServedAs({ names }: { names: readonly string[] }) {
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && ", "}
      <Link to="/release/$name" params={{ name }}>
        {name}
      </Link>
    </span>
  ));
}

function RunName({ run }: { run: string }) {
  return (
    <Link to="/runs/$" params={{ _splat: run }}>
      {run}
    </Link>
  );
}

function MadeBy({ lineage }: { lineage: Artifact["lineage"] }) {
  if (!lineage) return "another tool, or by hand";
  return (
    <>
      the step {lineage.step} of{" "}
      <Link to="/jobs/$id" params={{ id: lineage.job }}>
        {lineage.job}
      </Link>
    </>
  );
}

/** What decided its content, folded: settings of the training, versions, hashes of the rows. */
function Recipe({ artifact }: { artifact: Artifact }) {
  const recipe = artifact.lineage?.recipe;
  if (!recipe || Object.keys(recipe).length === 0) return null;
  return (
    <details className={classes.recipe}>
      <summary>Recipe</summary>
      <Code text={JSON.stringify(recipe, null, 2)} what="recipe" />
    </details>
  );
}

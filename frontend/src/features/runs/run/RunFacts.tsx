import { Link } from "@tanstack/react-router";
import { Fragment } from "react";

import type { Columns } from "@/client/columns";
import type { Run } from "@/client/types";
import { FactList, type Fact } from "@/components/facts/FactList";
import { Time } from "@/components/Time";
import { count, duration, number, UNKNOWN } from "@/lib/format";

import { shortName } from "../runs";

/** What a run was trained on, and what came of it. */
export function RunFacts({ run, columns }: { run: Run; columns: Columns | undefined }) {
  return <FactList facts={factsOf(run, columns)} />;
}

function factsOf(run: Run, columns: Columns | undefined): Fact[] {
  const evaluated = columns?.metrics.eval_loss.findLast((value) => value !== null);
  const elapsed = columns?.elapsed.findLast((value) => value !== null);
  return [
    ["Base", <Base key="base" base={run.base} />],
    ["Data sets", <Datasets key="data" names={run.datasets} />],
    ["Template", run.template ?? UNKNOWN],
    ["Steps", run.total_steps ? `${count(run.step)} of ${count(run.total_steps)}` : count(run.step)],
    ["Loss", evaluated == null ? number(run.loss) : `${number(run.loss)}, ${number(evaluated)} on held-out rows`],
    ["Trained for", duration(elapsed)],
    ["Started by", <StartedBy key="by" run={run} />],
    ["Changed", <Time key="changed" at={run.modified_at} />],
    ["Folder", <code key="path">{run.path}</code>],
  ];
}

function Base({ base }: { base: string | null | undefined }) {
  // Other tools name a base as its hub does; only a path of this home has a page.
  if (!base?.startsWith("models/")) return <>{base ?? UNKNOWN}</>;
  return (
    <Link to="/models/$" params={{ _splat: base }}>
      {shortName(base)}
    </Link>
  );
}

function Datasets({ names }: { names: string[] }) {
  if (!names.length) return <>{UNKNOWN}</>;
  return names.map((name, index) => (
    <Fragment key={name}>
      {index > 0 && ", "}
      <Link to="/data/$name" params={{ name }}>
        {name}
      </Link>
    </Fragment>
  ));
}

function StartedBy({ run }: { run: Run }) {
  if (run.made_outside) return <>LlamaBoard, or by hand</>;
  if (!run.job) return <>{UNKNOWN}</>;
  return (
    <Link to="/jobs/$id" params={{ id: run.job }}>
      {run.job}
    </Link>
  );
}

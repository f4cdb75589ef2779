import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { artifactsQuery } from "@/client/queries/lists";
import type { Run } from "@/client/types";
import { Section } from "@/components/page/Page";
import { Time } from "@/components/Time";
import { bytes, count } from "@/lib/format";

import classes from "./Kept.module.css";

interface Row {
  id: string;
  what: string;
}

/** The adapter, then the checkpoints, the latest first. */
export function keptOf(run: Pick<Run, "adapter" | "checkpoints">): Row[] {
  const checkpoints = run.checkpoints.map((id) => ({ id, what: `Step ${count(Number(/(\d+)$/.exec(id)?.[1] ?? NaN))}` })).reverse();
  return run.adapter ? [{ id: run.adapter, what: "The finished adapter" }, ...checkpoints] : checkpoints;
}

/** What a training has saved: each can be released. */
export function Kept({ run, running }: { run: Run; running: boolean }) {
  const { data } = useQuery(artifactsQuery);
  const known = new Map(data?.artifacts.map((artifact) => [artifact.id, artifact]));
  const rows = keptOf(run);
  return (
    <Section title="Adapter and checkpoints">
      {rows.length === 0 ? (
        <p className={classes.none}>{running ? "The first checkpoint is still to come." : "It saved nothing that could be released."}</p>
      ) : (
        <div className={classes.scroll} role="region" aria-label="Table of adapter and checkpoints" tabIndex={0}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Size</th>
                <th scope="col">Saved</th>
                <th scope="col">
                  <span className="spoken">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, what }) => (
                <tr key={id}>
                  <td>
                    <Link to="/models/$" params={{ _splat: id }}>
                      {what}
                    </Link>
                  </td>
                  <td>{bytes(known.get(id)?.bytes)}</td>
                  <td>
                    <Time at={known.get(id)?.modified_at} />
                  </td>
                  <td className={classes.verbs}>
                    <Link to="/release" search={{ adapter: id }} aria-label={`Release: ${what}`}>
                      Release
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

import { Link } from "@tanstack/react-router";

import type { Artifact } from "@/client/types";
import { Section } from "@/components/page/Page";
import { Time } from "@/components/Time";
import { bytes, count } from "@/lib/format";

import classes from "./Facts.module.css";

/** The states that the run kept on its way, the latest first. */
export function Checkpoints({ of, artifacts }: { of: Artifact; artifacts: readonly Artifact[] }) {
  const kept = artifacts
    .filter(({ run, checkpoint, id }) => run != null && run === of.run && checkpoint != null && id !== of.id)
    .sort((a, b) => (b.checkpoint ?? 0) - (a.checkpoint ?? 0));
  if (kept.length === 0) return null;
  return (
    <Section title={of.checkpoint == null ? "Checkpoints" : "Other checkpoints of this run"}>
      <div className={classes.scroll} role="region" aria-label="Table of checkpoints" tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Size</th>
              <th scope="col">Changed</th>
              <th scope="col">
                <span className="spoken">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {kept.map(({ id, checkpoint, bytes: size, modified_at }) => (
              <tr key={id}>
                <td>
                  <Link to="/models/$" params={{ _splat: id }}>
                    {count(checkpoint)}
                  </Link>
                </td>
                <td>{bytes(size)}</td>
                <td>
                  <Time at={modified_at} />
                </td>
                <td>
                  <Link to="/release" search={{ adapter: id }} aria-label={`Release the checkpoint at step ${checkpoint ?? ""}`}>
                    Release
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

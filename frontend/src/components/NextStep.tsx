import { useQuery } from "@tanstack/react-query";

import { artifactsQuery, datasetsQuery } from "@/client/queries/lists";
import type { Artifact } from "@/client/types";

import { LinkButton } from "./LinkButton";

/** What comes next on the way to a trained adapter, or to a released one, by what is there; until that is known, its end. */
export function NextStep({ to = "release" }: { to?: "train" | "release" }) {
  const { data: models } = useQuery(artifactsQuery);
  const { data: rows } = useQuery(datasetsQuery);
  const has = (kind: Artifact["kind"]) => models === undefined || models.artifacts.some((each) => each.kind === kind);
  if (to === "release" && has("adapter")) {
    return (
      <LinkButton to="/release" size="sm">
        Release an adapter
      </LinkButton>
    );
  }
  if (!has("base")) {
    return (
      <LinkButton to="/models" search={{ add: "starter" }} size="sm">
        Bring in a base
      </LinkButton>
    );
  }
  return rows?.datasets.length === 0 ? (
    <LinkButton to="/data" search={{ add: "file" }} size="sm">
      Add rows
    </LinkButton>
  ) : (
    <LinkButton to="/train" size="sm">
      {to === "train" ? "Train" : "Train one"}
    </LinkButton>
  );
}

import type { Artifact } from "@/client/types";

import { LinkButton } from "./LinkButton";

/** The next step towards a released model, by what is there; until that is known, the last one. */
export function NextStep({ artifacts }: { artifacts: readonly Artifact[] | undefined }) {
  const has = (kind: Artifact["kind"]) => artifacts === undefined || artifacts.some((each) => each.kind === kind);
  if (!has("base")) {
    return (
      <LinkButton to="/models" search={{ add: "starter" }} size="sm">
        Bring in a base
      </LinkButton>
    );
  }
  return has("adapter") ? (
    <LinkButton to="/release" size="sm">
      Release an adapter
    </LinkButton>
  ) : (
    <LinkButton to="/train" size="sm">
      Train one
    </LinkButton>
  );
}

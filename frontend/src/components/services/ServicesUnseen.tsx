import { IconPlugConnectedX } from "@tabler/icons-react";

import type { SourceState } from "@/client/types";
import { Time } from "@/components/Time";
import { Words } from "@/components/Words";

import classes from "./ServicesUnseen.module.css";

/** Said while nobody can be asked how services are. */
export function ServicesUnseen({ source }: { source: SourceState }) {
  if (source.reachable !== false) return null;
  return (
    <div className={classes.unseen} role="status">
      <IconPlugConnectedX size={18} aria-hidden />
      <p>
        {source.kind === "docker" ? "The Docker engine" : "The services"} can’t be asked. What stands here is what was known{" "}
        <Time at={source.since} />. <Words text={source.problem} />
      </p>
    </div>
  );
}

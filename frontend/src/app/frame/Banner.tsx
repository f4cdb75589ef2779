import { IconPlugConnectedX } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";

import { streams } from "@/client/stream/connect";
import { duration } from "@/lib/format";
import { useElapsed } from "@/lib/useNow";

import classes from "./Banner.module.css";

/** A connection that is back within this time was never worth a word. */
const PATIENCE_MS = 2_500;

/** Says when the orchestrator went away; what stands on the page is what was known then. */
export function Banner() {
  const link = streams();
  const { standing, since } = useSyncExternalStore(link.subscribeStanding, link.standing);
  const away = useElapsed(since);
  const gone = (standing === "away" || standing === "connecting") && away > PATIENCE_MS;
  return (
    <div aria-live="polite">
      {gone && (
        <div className={classes.banner}>
          <IconPlugConnectedX size={18} aria-hidden />
          <span>
            Tunesmith doesn’t answer since <span className="figures">{duration(Math.round(away / 1000))}</span>. This page shows
            what it knew then, and catches up by itself. Jobs go on without it; <code>tunesmith up</code> starts it again.
          </span>
        </div>
      )}
    </div>
  );
}

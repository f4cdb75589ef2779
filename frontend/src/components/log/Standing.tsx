import { Button } from "@mantine/core";
import { IconArrowBarToDown } from "@tabler/icons-react";

import { bytes, plural } from "@/lib/format";

import type { Drawn } from "./engine/protocol";
import classes from "./Standing.module.css";
import type { LogState } from "./useLog";

const NOTHING = "Nothing was written yet.";

interface Props {
  state: LogState;
  /** Fetch all of a service's log. */
  onAll: (() => void) | undefined;
  follow: boolean;
  onFollow: (follow: boolean) => void;
}

/** How much there is, how the log stands, and the way back to its end. */
export function Standing({ state, onAll, follow, onFollow }: Props) {
  const { drawn } = state;
  return (
    <div className={classes.bar}>
      <span className="figures">{opening(state) ? "Opening the log …" : drawn && amount(drawn)}</span>
      <span className={classes.how} aria-live="polite">
        <Words>{standing(state)}</Words>
      </span>
      {onAll && (
        <Button size="compact-xs" variant="default" onClick={onAll}>
          Show earlier lines
        </Button>
      )}
      <Follow over={state.standing === "ended"} follow={follow} onFollow={onFollow} />
    </div>
  );
}

/** Words about nothing wait for a moment: a log that has just been opened mostly has its first bytes by then. */
function Words({ children }: { children: string }) {
  return <span className={children === NOTHING ? classes.soon : undefined}>{children}</span>;
}

/** The way to the end; while it grows, staying there. */
function Follow({ over, follow, onFollow }: { over: boolean } & Pick<Props, "follow" | "onFollow">) {
  if (over && follow) return null;
  const words = over ? "To the end" : follow ? "Following the end" : "Follow the end";
  return (
    <Button
      size="compact-xs"
      variant={follow ? "light" : "default"}
      aria-pressed={over ? undefined : follow}
      leftSection={<IconArrowBarToDown size={14} aria-hidden />}
      onClick={() => onFollow(!follow)}
    >
      {words}
    </Button>
  );
}

/** Whether nothing of it is there, its stream isn’t open yet, and nothing went wrong. */
export function opening({ drawn, standing: how, failed }: Pick<LogState, "standing" | "failed" | "drawn">): boolean {
  return !drawn?.bytes && (how === null || how === "connecting") && failed === null;
}

/** "1,000,000 lines, 78.1 MiB" */
export function amount({ lines, bytes: size, held, loading }: Drawn): string {
  if (size === 0) return "";
  const number = lines === null ? "" : `${plural(lines, "line")}, `;
  return loading && held < size ? `${bytes(held)} of ${bytes(size)} fetched` : `${number}${bytes(size)}`;
}

/** In words, where something has to be said. */
export function standing({ standing: how, failed, drawn }: Pick<LogState, "standing" | "failed" | "drawn">): string {
  if (failed === 0) return "Tunesmith doesn’t answer; the log goes on when it does.";
  if (failed !== null && failed !== 401) return failed === 404 ? "There is no such log any more." : `It can’t be read: the answer was ${failed}.`;
  switch (how) {
    case "queued":
      return "Waiting for its turn: other logs are being followed. It goes on when one of them is closed.";
    case "away":
      return "Tunesmith doesn’t answer; the log goes on when it does.";
    case "refused":
      return "This log can’t be followed here.";
    case "ended":
      return "complete";
    case "open":
      return drawn?.bytes === 0 ? NOTHING : "live";
    default:
      return "";
  }
}

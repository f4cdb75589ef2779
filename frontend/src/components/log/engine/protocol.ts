import type { JobLogEvent, LogSource, ServiceLogEvent } from "../source";
import type { Row } from "./rows";
import type { Wanted } from "./search";

/** What the page tells the log's worker. Heights are in lines of the screen. */
export type ToLog =
  | { do: "open"; source: LogSource; only?: string | undefined; tail: number }
  | { do: "tail"; events: LogMessage[] }
  | { do: "view"; view: View }
  | { do: "only"; only: string | undefined }
  | { do: "search"; wanted: Wanted | null }
  | { do: "step"; by: 1 | -1 }
  | { do: "unfold"; key: string }
  | { do: "fill"; hole: number };

export interface LogMessage {
  cursor: string;
  event: JobLogEvent | ServiceLogEvent;
}

/** What the page shows: `height` from `top` on, or, following, up to the end. */
export interface View {
  top: number;
  height: number;
  follow: boolean;
  /** Where lines are wrapped; 0: nowhere. */
  cols: number;
  /** The `origin` that `top` is counted in. */
  origin: number;
  /** A height that has to stay drawn, since a selection begins there. */
  keep: number | null;
}

export interface Drawn {
  rows: Row[];
  /** Where the first row begins. */
  at: number;
  /** The last row is the end of the log. */
  toEnd: boolean;
  /** The whole log. */
  height: number;
  /** By how much everything has moved down since the beginning, so that what is in view can stay where it is. */
  origin: number;
  lines: number | null;
  /** Bytes of what is shown, and how many of them are here. */
  bytes: number;
  held: number;
  loading: boolean;
  /** Steps with a log, as folders are named. */
  steps: string[];
}

export interface Found {
  lines: number;
  /** Which one is shown; 0: none. */
  at: number;
  /** All lines were searched. */
  done: boolean;
  /** Why nothing can be searched for. */
  wrong: string | null;
}

export type FromLog =
  | { tell: "drawn"; drawn: Drawn }
  | { tell: "found"; found: Found | null }
  /** Bring this height into view. */
  | { tell: "show"; top: number; origin: number }
  /** What is there is read: go on with the stream. */
  | { tell: "follow"; url: string; cursor: string }
  /** It can't be read: for good, with the status of the answer, or (0) for now. Null: it can again. */
  | { tell: "failed"; status: number | null };

import type { components } from "../schema";
import type { LiveEvent, LogEvent } from "../types";
import type { Standing } from "./connection";

/** What a page tells the worker that holds the streams of all pages of this browser. */
export type FromPage =
  | { do: "hello" }
  | { do: "bye" }
  | { do: "visible"; visible: boolean }
  /** `id`: of this page's choosing. `cursor`: where the log goes on. */
  | { do: "follow"; id: number; url: string; cursor: string }
  | { do: "unfollow"; id: number };

/** A followed log waits (`queued`) while others use the few connections that HTTP/1.1 allows. */
export type LogStanding = Standing | "queued";

/** One event of a job's or a service's log, with the cursor behind it; "" where the server named none. */
export interface LogMessage {
  cursor: string;
  event: LogEvent | components["schemas"]["ServiceLogEvent"];
}

export type ToPage =
  | { tell: "standing"; standing: Standing }
  | { tell: "events"; events: LiveEvent[] }
  | { tell: "log"; id: number; messages: LogMessage[] }
  | { tell: "log-standing"; id: number; standing: LogStanding };

import { useCallback, useEffect, useRef, useState } from "react";

import { logIn } from "@/client/api";
import { streams } from "@/client/stream/connect";
import type { LogStanding } from "@/client/stream/protocol";

import type { Drawn, Found, FromLog, ToLog } from "./engine/protocol";
import type { Wanted } from "./engine/search";
import type { LogSource } from "./source";

export interface LogState {
  drawn: Drawn | null;
  found: Found | null;
  /** How the stream of what is added stands; null before it is asked for. */
  standing: LogStanding | null;
  /** Status of the answer when the log can't be read; 0: there is no answer, it is asked for again. */
  failed: number | null;
  /** What is to be brought into view; another object each time. */
  show: { top: number; origin: number } | null;
}

const NOTHING: LogState = { drawn: null, found: null, standing: null, failed: null, show: null };

interface Wished {
  source: LogSource;
  only: string | undefined;
  /** So many lines of a service's log are asked for. */
  tail: number;
  wanted: Wanted;
  /** It may grow, again perhaps: a job that is retried. */
  active: boolean;
}

/** A log, held and searched in a worker of its own. Another source is for another instance of the component. */
export function useLog({ source, only, tail, wanted, active }: Wished): { state: LogState; send: (message: ToLog) => void } {
  const [state, setState] = useState(NOTHING);
  const log = useRef<OpenLog | null>(null);
  const send = useCallback((message: ToLog) => log.current?.send(message), []);

  useEffect(() => {
    const opened = new OpenLog((news) => setState((before) => ({ ...before, ...news })));
    log.current = opened;
    opened.send({ do: "open", source, only, tail });
    return () => {
      log.current = null;
      opened.close();
    };
    // What is wished for at first; changes are told below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => send({ do: "only", only }), [send, only]);
  useEffect(() => send({ do: "search", wanted: wanted.text ? wanted : null }), [send, wanted]);
  useEffect(() => {
    if (active) log.current?.goOn();
  }, [active]);
  return { state, send };
}

/** One worker, and the stream that feeds it. */
class OpenLog {
  private readonly worker = new Worker(new URL("./engine/log.worker.ts", import.meta.url), { type: "module", name: "tunesmith-log" });
  private stop: (() => void) | null = null;
  private place: { url: string; cursor: string } | null = null;
  private standing: LogStanding | null = null;

  constructor(private readonly tell: (news: Partial<LogState>) => void) {
    this.worker.onmessage = ({ data }: MessageEvent<FromLog>) => this.told(data);
  }

  send(message: ToLog): void {
    this.worker.postMessage(message);
  }

  close(): void {
    this.stop?.();
    this.worker.terminate();
  }

  /** Follow again what has ended, from where it ended. */
  goOn(): void {
    if (this.standing === "ended") this.follow();
  }

  private told(message: FromLog): void {
    switch (message.tell) {
      case "drawn":
        return this.tell({ drawn: message.drawn });
      case "found":
        return this.tell({ found: message.found });
      case "show":
        return this.tell({ show: { top: message.top, origin: message.origin } });
      case "failed":
        if (message.status === 401) logIn();
        return this.tell({ failed: message.status });
      case "follow":
        this.place = { url: message.url, cursor: message.cursor };
        return this.follow();
    }
  }

  private follow(): void {
    const { place } = this;
    if (!place) return;
    this.stop?.();
    this.stop = streams().follow(place.url, place.cursor, {
      messages: (events) => {
        place.cursor = events.findLast((each) => each.cursor)?.cursor ?? place.cursor;
        this.send({ do: "tail", events });
      },
      standing: (standing) => {
        this.standing = standing;
        if (standing === "locked") logIn();
        this.tell({ standing });
      },
    });
  }
}

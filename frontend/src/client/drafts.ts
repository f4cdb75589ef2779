/**
 * Unsent forms, kept on the server so that a reload or another browser finds them (`/api/drafts/<name>`). What the server
 * hasn't confirmed yet also lies in this browser: a text typed while it was away survives a closed page.
 */
export type Stored = Record<string, unknown>;

export interface DraftState {
  /** Null: nothing is kept. */
  value: Stored | null;
  /** Whether it is known what was kept before; also true when the server couldn't tell. */
  ready: boolean;
}

export interface Place {
  fetch: typeof fetch;
  local: Pick<Storage, "getItem" | "setItem" | "removeItem">;
}

const DRAFTS = "/api/drafts";
const QUIET_MS = 600;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;
/** Browsers refuse a request that outlives its page with a larger body. */
const KEEPALIVE_BYTES = 60_000;

export class Draft {
  private state: DraftState = { value: null, ready: false };
  private readonly listeners = new Set<() => void>();
  /** Changed since the server last confirmed it. */
  private dirty = false;
  private sending = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly name: string,
    private readonly place: Place,
  ) {
    const left = this.leftHere();
    if (left === undefined) return;
    this.state = { value: left, ready: true };
    this.dirty = true;
    this.later(QUIET_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): DraftState => this.state;

  /** Asks the server what it keeps. What was typed meanwhile stays. */
  async load(): Promise<void> {
    if (this.dirty) return;
    try {
      this.loaded(await this.kept());
    } catch {
      this.loadAgain();
    }
  }

  set(value: Stored | null): void {
    if (this.state.ready && same(this.state.value, value)) return;
    this.dirty = true;
    this.show({ value, ready: true });
    this.keepHere(value);
    this.failures = 0;
    this.later(value === null ? 0 : QUIET_MS);
  }

  /** Send now what waits, by a request that outlives the page. */
  flush(): void {
    if (!this.dirty || this.sending) return;
    clearTimeout(this.timer);
    void this.send(true);
  }

  private get url(): string {
    return `${DRAFTS}/${encodeURIComponent(this.name)}`;
  }

  private get localKey(): string {
    return `tunesmith draft ${this.name}`;
  }

  /** The list is asked first: a browser reports a 404 as an error of the page. */
  private async kept(): Promise<Stored | null> {
    const names = ((await this.answer(DRAFTS)) as { name: string }[]).map((each) => each.name);
    return names.includes(this.name) ? asStored(await this.answer(this.url)) : null;
  }

  private async answer(url: string): Promise<unknown> {
    const response = await this.place.fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`${response.status}`);
    return response.json();
  }

  private loaded(value: Stored | null): void {
    this.failures = 0;
    if (!this.dirty && !(this.state.ready && same(this.state.value, value))) this.show({ value, ready: true });
  }

  /** The form can be used meanwhile. */
  private loadAgain(): void {
    if (!this.state.ready) this.show({ ...this.state, ready: true });
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), this.delay());
  }

  private later(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(false), delay);
  }

  private async send(last: boolean): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    const sent = this.state.value;
    const outcome = await this.put(sent, last).finally(() => (this.sending = false));
    if (this.state.value !== sent) this.later(QUIET_MS);
    else if (outcome === "kept") this.confirmed();
    else if (outcome === "later") this.sendAgain();
  }

  /** `refused`: asking again won't help (too large, not allowed). It stays in this browser. */
  private async put(value: Stored | null, last: boolean): Promise<"kept" | "later" | "refused"> {
    const body = value === null ? undefined : JSON.stringify(value);
    const keepalive = last && (body?.length ?? 0) < KEEPALIVE_BYTES;
    try {
      const response = await this.place.fetch(this.url, {
        method: body === undefined ? "DELETE" : "PUT",
        ...(body === undefined ? {} : { body, headers: { "Content-Type": "application/json" } }),
        keepalive,
      });
      if (response.ok) return "kept";
      return response.status === 413 || response.status === 422 ? "refused" : "later";
    } catch {
      return "later";
    }
  }

  private confirmed(): void {
    this.dirty = false;
    this.failures = 0;
    this.keepHere(undefined);
  }

  private sendAgain(): void {
    this.failures += 1;
    this.later(this.delay());
  }

  private delay(): number {
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.failures - 1));
  }

  private show(state: DraftState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  /** Undefined: nothing waits here. A browser without storage keeps only what the server has. */
  private leftHere(): Stored | null | undefined {
    try {
      const text = this.place.local.getItem(this.localKey);
      return text === null ? undefined : asStored(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  private keepHere(value: Stored | null | undefined): void {
    try {
      if (value === undefined) this.place.local.removeItem(this.localKey);
      else this.place.local.setItem(this.localKey, JSON.stringify(value));
    } catch {
      // Storage is full or not allowed: the server's copy is the one that counts.
    }
  }
}

function asStored(value: unknown): Stored | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Stored) : null;
}

function same(a: Stored | null, b: Stored | null): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

const drafts = new Map<string, Draft>();

/** One draft for all parts of this page that name it; what waits is sent also after they are gone. */
export function draftOf(name: string): Draft {
  const known = drafts.get(name);
  if (known) return known;
  const draft = new Draft(name, { fetch: (input, init) => fetch(input, init), local: localStorage });
  drafts.set(name, draft);
  return draft;
}

function flushAll(): void {
  for (const draft of drafts.values()) draft.flush();
}

if (typeof window !== "undefined") {
  window.addEventListener("pagehide", flushAll);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flushAll();
  });
}

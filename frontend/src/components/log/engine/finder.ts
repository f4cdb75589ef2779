import type { Chunk } from "./chunk";
import type { Found } from "./protocol";
import type { Line } from "./rows";
import { expressionOf, Findings, type Wanted } from "./search";
import type { Searcher } from "./searcher";

const TOO_SLOW = "it takes too long on this log; try a simpler one";

/** A search over the log as it is, and as it grows. */
export class Finder {
  findings: Findings | null = null;
  current: Line | null = null;
  private wanted: Wanted | null = null;
  private wrong: string | null = null;
  private searching = false;

  /** `chunks`: what is shown now. `changed`: more was found. */
  constructor(
    private readonly searcher: Searcher,
    private readonly chunks: () => Chunk[],
    private readonly changed: () => void,
  ) {}

  look(wanted: Wanted | null): void {
    this.searcher.stop();
    this.wanted = wanted;
    this.current = null;
    const { regex, wrong } = wanted ? expressionOf(wanted) : {};
    this.wrong = wrong ?? null;
    this.findings = regex ? new Findings(regex) : null;
    this.changed();
    void this.go();
  }

  /** Search what is new. */
  async go(): Promise<void> {
    if (this.searching) return;
    this.searching = true;
    try {
      while (await this.one()) this.changed();
    } finally {
      this.searching = false;
    }
  }

  private async one(): Promise<boolean> {
    const { findings, wanted } = this;
    if (!findings || !wanted) return false;
    const next = findings.next(this.chunks());
    if (!next) {
      findings.keep(new Set(this.chunks()));
      return false;
    }
    const { chunk, from } = next;
    const then = { lines: chunk.lines, size: chunk.size, open: chunk.open };
    const found = await this.searcher.search(wanted, chunk.text(from));
    // Another search has begun meanwhile.
    if (findings !== this.findings) return true;
    if (found) findings.take(chunk, from, found, then);
    else this.giveUp();
    return true;
  }

  private giveUp(): void {
    this.findings = null;
    this.wrong = TOO_SLOW;
  }

  /** Go to the next line that was found, or the one before; `here`: where to begin when none is shown yet. */
  step(by: 1 | -1, here: Line | null): Line | null {
    const from = this.current ?? here;
    const chunks = this.chunks();
    if (!this.findings || !from) return null;
    // The first line in view counts as a find of its own.
    const line = this.current || by < 0 ? from.line : from.line - 1;
    this.current = this.findings.step(chunks, from.chunk, line, by) ?? this.current;
    return this.current;
  }

  get found(): Found | null {
    if (!this.wanted) return null;
    const chunks = this.chunks();
    const { findings, current, wrong } = this;
    return {
      lines: findings?.count(chunks) ?? 0,
      at: findings && current && chunks.includes(current.chunk) ? findings.rank(chunks, current.chunk, current.line) : 0,
      done: !findings?.next(chunks),
      wrong,
    };
  }
}

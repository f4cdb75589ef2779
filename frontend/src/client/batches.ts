/** Questions about single things that come within a moment become one request for all of them. */
export class Batches<Answer> {
  private waiting = new Map<string, Promise<Answer | undefined>>();
  private asks = new Map<string, Ask<Answer>>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** As many as one request may ask for. */
    private readonly most: number,
    private readonly fetch: (names: string[]) => Promise<Map<string, Answer>>,
    private readonly delayMs = 20,
  ) {}

  /** Undefined: the answer holds nothing of that name. */
  ask(name: string): Promise<Answer | undefined> {
    const waiting = this.waiting.get(name);
    if (waiting) return waiting;
    const answer = new Promise<Answer | undefined>((resolve, reject) => this.asks.set(name, { resolve, reject }));
    this.waiting.set(name, answer);
    if (this.waiting.size >= this.most) this.send();
    else this.timer ??= setTimeout(() => this.send(), this.delayMs);
    return answer;
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.asks;
    this.asks = new Map();
    this.waiting = new Map();
    this.fetch([...batch.keys()]).then(
      (answers) => batch.forEach(({ resolve }, name) => resolve(answers.get(name))),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    );
  }
}

interface Ask<Answer> {
  resolve: (answer: Answer | undefined) => void;
  reject: (error: unknown) => void;
}

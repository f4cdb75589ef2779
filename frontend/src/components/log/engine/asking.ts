/** An answer that isn't the log: its HTTP status. */
export class Unread extends Error {
  constructor(readonly status: number) {
    super(`the log's answer was ${status}`);
  }

  /** Asking again won't help. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5_000;

/**
 * Ask until there is an answer: the orchestrator may be away for a while. `failed` is told 0 when there is none, and null when
 * there is one again. Throws when asking again won't help.
 */
export async function untilAnswered<T>(ask: () => Promise<T>, failed: (status: 0 | null) => void): Promise<T> {
  for (let delay = 0; ; delay = Math.min(LONGEST_DELAY_MS, delay * 2 || FIRST_DELAY_MS)) {
    if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      const answer = await ask();
      if (delay) failed(null);
      return answer;
    } catch (error) {
      if (error instanceof Unread && error.final) throw error;
      failed(0);
    }
  }
}

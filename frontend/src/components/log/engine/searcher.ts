import type { Wanted } from "./search";
import type { ToSearcher } from "./searcher.worker";

/** Looks for something in bytes; null when it takes too long. One call at a time. */
export interface Searcher {
  search(wanted: Wanted, bytes: Uint8Array): Promise<Uint32Array | null>;
  /** Give up what is being done. */
  stop(): void;
}

/** A chunk of 1 MiB takes milliseconds; an expression that takes so long for one grows beyond all bounds. */
const PATIENCE_MS = 4_000;

/** A search in a worker, which is thrown away when it doesn't come back. */
export class WorkerSearcher implements Searcher {
  private worker: Worker | null = null;
  private giveUp: (() => void) | null = null;

  search(wanted: Wanted, bytes: Uint8Array): Promise<Uint32Array | null> {
    const worker = (this.worker ??= new Worker(new URL("./searcher.worker.ts", import.meta.url), { type: "module" }));
    return new Promise((resolve) => {
      const end = (found: Uint32Array | null) => {
        clearTimeout(timer);
        this.giveUp = null;
        resolve(found);
      };
      this.giveUp = () => {
        worker.terminate();
        this.worker = null;
        end(null);
      };
      const timer = setTimeout(() => this.giveUp?.(), PATIENCE_MS);
      worker.onmessage = ({ data }: MessageEvent<Uint32Array>) => end(data);
      const copy = bytes.slice();
      worker.postMessage({ wanted, bytes: copy } satisfies ToSearcher, [copy.buffer]);
    });
  }

  stop(): void {
    this.giveUp?.();
  }
}

/** A line of the screen, in px. */
export const LINE = 18;

/**
 * An element may be so high. Firefox draws none above about 17.8 million px, Chrome none above 33.5 million, but above 2^24 it
 * draws text a pixel off: there a number of 32 bits knows no odd ones.
 */
export const HIGHEST = 15_000_000;

/**
 * How a log that is higher than any element of a page can be is scrolled: the element is as high as may be, and what is scrolled
 * over in it stands for more.
 */
export class Scale {
  /** Height of the element. */
  readonly height: number;
  private readonly factor: number;

  /** `whole`: height of the log; `window`: of what is seen of it; `highest`: that an element may have. All in px. */
  constructor(
    private readonly whole: number,
    private readonly window: number,
    highest: number,
  ) {
    this.height = Math.min(whole, highest);
    const way = this.height - window;
    this.factor = this.height < whole && way > 0 ? (whole - window) / way : 1;
  }

  /** What is scrolled over stands for more. */
  get isTight(): boolean {
    return this.factor !== 1;
  }

  /** How far down in the log is what is at the top when the element is scrolled by `scrolled`. */
  down(scrolled: number): number {
    return Math.max(0, Math.min(scrolled * this.factor, Math.max(0, this.whole - this.window)));
  }

  /** How far to scroll, so that this is at the top. */
  scrolled(down: number): number {
    return down / this.factor;
  }

  /** Where in the element something is drawn that lies `at` px down in the log, when `down` is at the top. */
  drawnAt(at: number, down: number): number {
    return this.factor === 1 ? at : this.scrolled(down) + at - down;
  }
}

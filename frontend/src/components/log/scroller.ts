import type { Drawn, ToLog } from "./engine/protocol";
import { HIGHEST, LINE, Scale } from "./scale";

/** So near to the end it is the end. */
const END_PX = 4;

/** A selection keeps so many lines drawn between its beginning and what is in view. */
const KEPT_LINES = 3_000;

/**
 * The box that scrolls: asks the worker for what comes into view, and puts what was drawn where it belongs.
 * All of it happens here and not in React's state, since it happens with each frame.
 */
export class Scroller {
  private follow = true;
  private wrap = false;
  /** How far down in the log the top of the box is, in px; and by how much the log had moved when that was so. */
  private down = 0;
  private origin = 0;
  private height = 0;
  /** Where the first drawn line begins, and whether the last one is the end. */
  private at = 0;
  private reachesEnd = false;
  private scale = new Scale(0, 0, 1);
  private keep: number | null = null;
  /** Who went to the beginning stays there while what is before it is being fetched. */
  private atStart = false;
  private asking: number | undefined;
  private readonly sized: ResizeObserver;
  private readonly listening = new AbortController();
  /** Where the end was before the last draw: in a flood it runs away from who scrolls to it. */
  private endWas = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly space: HTMLElement,
    private readonly lines: HTMLElement,
    private readonly send: (message: ToLog) => void,
    private readonly onFollow: (follow: boolean) => void,
  ) {
    this.sized = new ResizeObserver(() => {
      this.lay(false);
      this.ask();
    });
    this.sized.observe(box);
    document.addEventListener("selectionchange", this.selected);
    const { signal } = this.listening;
    box.addEventListener("wheel", ({ deltaY }) => this.moved(deltaY < 0), { passive: true, signal });
    box.addEventListener("touchmove", () => this.moved(true), { passive: true, signal });
    box.addEventListener("pointerdown", () => this.moved(false), { passive: true, signal });
    box.addEventListener("keydown", this.pressed, { signal });
  }

  close(): void {
    this.sized.disconnect();
    if (this.asking !== undefined) cancelAnimationFrame(this.asking);
    document.removeEventListener("selectionchange", this.selected);
    this.listening.abort();
  }

  set({ wrap, follow }: { wrap: boolean; follow: boolean }): void {
    const changed = wrap !== this.wrap || follow !== this.follow;
    this.wrap = wrap;
    this.follow = follow;
    if (follow) this.toEnd();
    if (changed) this.ask();
  }

  /** The box was scrolled, by a person or by us. */
  scrolled(): void {
    const before = this.down;
    this.down = this.scale.down(this.box.scrollTop);
    const { scrollTop, clientHeight, scrollHeight } = this.box;
    const end = this.down > before ? Math.min(this.endWas, scrollHeight) : scrollHeight;
    this.following(scrollTop + clientHeight >= end - END_PX);
    // What is scrolled over stands for more: the lines go with it before the browser draws them elsewhere.
    if (this.scale.isTight) this.place();
    this.ask();
  }

  /** The worker drew. */
  drawn({ at, toEnd, height, origin }: Drawn): void {
    this.height = height;
    this.endWas = this.box.scrollHeight;
    const moved = origin !== this.origin;
    this.down += (origin - this.origin) * LINE;
    if (this.keep !== null) this.keep += origin - this.origin;
    this.origin = origin;
    this.at = at;
    this.reachesEnd = toEnd;
    if (moved && this.atStart) {
      this.down = 0;
      this.ask();
    }
    this.lay(moved);
    this.place();
  }

  /** Where the lines that are drawn stand in the box. */
  private place(): void {
    const { style } = this.lines;
    if (this.reachesEnd && (this.follow || !this.scale.isTight)) {
      // Lines that are wrapped otherwise than was foreseen don't push the last one out of sight.
      style.top = "auto";
      style.bottom = "0";
    } else {
      style.bottom = "auto";
      style.top = `${this.scale.drawnAt(this.at * LINE, this.down)}px`;
    }
  }

  /** Bring a line into view, a third down. */
  show({ top, origin }: { top: number; origin: number }): void {
    const visible = this.box.clientHeight;
    const place = (top + this.origin - origin) * LINE;
    if (place < this.down || place > this.down + visible - 2 * LINE) {
      this.down = Math.max(0, Math.min(place - visible / 3, this.height * LINE - visible));
      this.box.scrollTop = this.scale.scrolled(this.down);
    }
    this.following(false);
    this.ask();
  }

  /** Who goes up doesn't follow any more, at once: else each new line would draw him down again. */
  private readonly pressed = (event: KeyboardEvent): void => {
    const { key } = event;
    this.atStart = key === "Home";
    if (key === "End") {
      this.following(true);
      this.toEnd();
    } else if (key === "Home" || key === "PageUp" || key === "ArrowUp") {
      this.following(false);
    }
    if (key !== "Home") return;
    // At once: what is drawn meanwhile would break off the browser's own way there.
    event.preventDefault();
    this.down = 0;
    this.box.scrollTop = 0;
    this.ask();
  };

  private moved(up: boolean): void {
    this.atStart = false;
    if (up) this.following(false);
  }

  private following(follow: boolean): void {
    if (follow === this.follow) return;
    this.follow = follow;
    this.onFollow(follow);
    this.ask();
  }

  /** The height of everything, and the place in it. `moved`: what is in view lies elsewhere now. */
  private lay(moved: boolean): void {
    const scale = new Scale(this.height * LINE, this.box.clientHeight, HIGHEST);
    const otherwise = scale.scrolled(1) !== this.scale.scrolled(1);
    this.scale = scale;
    this.space.style.height = `${this.scale.height}px`;
    if (this.follow) {
      this.toEnd();
      return;
    }
    // Otherwise it isn't touched: a person may be scrolling.
    if (moved || otherwise) this.box.scrollTop = this.scale.scrolled(this.down);
  }

  private toEnd(): void {
    this.box.scrollTop = this.box.scrollHeight;
    this.down = this.scale.down(this.box.scrollTop);
  }

  private ask(): void {
    this.asking ??= requestAnimationFrame(() => {
      this.asking = undefined;
      const { follow, origin } = this;
      const [top, height] = [this.down / LINE, this.box.clientHeight / LINE];
      const near = this.keep !== null && Math.abs(this.keep - top) < KEPT_LINES;
      this.send({ do: "view", view: { top, height, follow, cols: this.columns(), origin, keep: near ? this.keep : null } });
    });
  }

  /** How many characters a wrapped line has; 0: lines aren't wrapped. */
  private columns(): number {
    if (!this.wrap) return 0;
    const probe = document.createElement("span");
    probe.textContent = "0".repeat(100);
    probe.style.cssText = "position:absolute;visibility:hidden;white-space:pre";
    this.lines.append(probe);
    const width = probe.getBoundingClientRect().width / 100;
    probe.remove();
    const text = this.lines.querySelector<HTMLElement>("[data-text=plain]");
    const room = text ? text.getBoundingClientRect().width : this.box.clientWidth - 80;
    return width ? Math.max(10, Math.floor(room / width)) : 0;
  }

  /** What is selected stays: its first line is kept drawn while the box is scrolled, and nothing moves below the pointer. */
  private readonly selected = (): void => {
    const selection = document.getSelection();
    const { anchorNode } = selection ?? {};
    const within = selection && !selection.isCollapsed && anchorNode && this.lines.contains(anchorNode);
    if (!within) {
      this.keep = null;
      return;
    }
    if (this.follow) this.following(false);
    const row = (anchorNode instanceof Element ? anchorNode : anchorNode.parentElement)?.closest("[data-row]");
    if (this.keep !== null || !row) return;
    const place = row.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
    this.keep = (this.down + place) / LINE;
  };
}

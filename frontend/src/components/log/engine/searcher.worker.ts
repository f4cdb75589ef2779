import { expressionOf, linesWith, type Wanted } from "./search";

/** Looks through bytes in a thread of its own: an expression that never ends is ended with it. */
export type ToSearcher = { wanted: Wanted; bytes: Uint8Array };

addEventListener("message", ({ data }: MessageEvent<ToSearcher>) => {
  const { regex } = expressionOf(data.wanted);
  const lines = regex ? linesWith(data.bytes, regex) : new Uint32Array(0);
  postMessage(lines, { transfer: [lines.buffer] });
});

import { describe, expect, it } from "vitest";

import { Painter, plainText, REVERSE, type Span } from "./ansi";
import { encoder, lastState, lastStateOf, states } from "./bytes";

const paint = (...lines: string[]): Span[][] => {
  const painter = new Painter();
  return lines.map((line) => painter.paint(encoder.encode(line)));
};

describe("colours", () => {
  it("are those of the 16, the 256 and all", () => {
    const [spans] = paint("\u001b[31mred\u001b[0m plain \u001b[38;5;208morange\u001b[48;2;1;2;3mdeep\u001b[0m");
    expect(spans).toEqual([
      { text: "red", look: { fg: "187, 0, 0" } },
      { text: " plain " },
      { text: "orange", look: { fg: "255, 135, 0" } },
      { text: "deep", look: { fg: "255, 135, 0", bg: "1, 2, 3" } },
    ]);
  });

  it("are read with colons, too", () => {
    expect(paint("\u001b[38:2::9:8:7mx")[0]).toEqual([{ text: "x", look: { fg: "9, 8, 7" } }]);
    expect(paint("\u001b[38:5:208mx")[0]).toEqual([{ text: "x", look: { fg: "255, 135, 0" } }]);
  });

  it("go on in the next line until they are taken back", () => {
    expect(paint("\u001b[1;32mone", "two", "\u001b[0mthree")).toEqual([
      [{ text: "one", look: { fg: "0, 187, 0", bold: true } }],
      [{ text: "two", look: { fg: "0, 187, 0", bold: true } }],
      [{ text: "three" }],
    ]);
  });

  it("and what comes later doesn't change what was before", () => {
    expect(paint("\u001b[1mbold\u001b[4mboth")[0]).toEqual([
      { text: "bold", look: { bold: true } },
      { text: "both", look: { bold: true, underline: true } },
    ]);
  });

  it("are swapped when reversed", () => {
    expect(paint("\u001b[7mx\u001b[31my")[0]).toEqual([
      { text: "x", look: { fg: REVERSE, bg: REVERSE } },
      { text: "y", look: { fg: REVERSE, bg: "187, 0, 0" } },
    ]);
  });
});

describe("what isn't shown", () => {
  it.each([
    ["\u001b]0;a title\u0007text", "text"],
    ["\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["\u001b[2K\u001b[1A\u001b[?25ltext\u001b[?25h", "text"],
    ["\u001b(Btext\u001b=", "text"],
    ["\u001b[31mred\u001b[0m", "red"],
    ["cut off \u001b[3", "cut off "],
  ])("%j shows as %j", (line, text) => {
    expect(plainText(line)).toBe(text);
    expect(paint(line)[0]?.map((span) => span.text).join("")).toBe(text);
  });

  it("bytes that are no text show as such", () => {
    const line = Uint8Array.of(0x61, 0xff, 0x00, 0x07, 0x62);
    expect(new Painter().paint(line)).toEqual([{ text: "a\ufffd\ufffd\ufffdb" }]);
  });
});

describe("what is written over itself", () => {
  it.each(["plain", "a\rb\rc", "a\rb\r", "\r", "", "\r\r\rx", "dos\r"])("%j has the same last state as bytes and as text", (line) => {
    expect(new TextDecoder().decode(lastState(encoder.encode(line)))).toBe(lastStateOf(line));
  });

  it("has all its states, without the empty ones", () => {
    expect(states(encoder.encode("\ra\rbb\r\rc\r")).map((state) => new TextDecoder().decode(state))).toEqual(["a", "bb", "c"]);
  });
});

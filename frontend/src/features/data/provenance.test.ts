import { describe, expect, it } from "vitest";

import { askedInWords, countsInWords } from "./provenance";

describe("where rows are from", () => {
  it("says what was asked for, without what goes without saying", () => {
    expect(askedInWords({ content: "rows", confirmed: false, reasoning: true, system: "", format: null })).toBe("rows");
    expect(askedInWords({ content: "conversations", confirmed: true, reasoning: false, system: "Be brief.", format: "messages" })).toBe(
      "conversations, confirmed only, without reasoning, with a system prompt, as messages",
    );
    expect(askedInWords({})).toBe("");
  });

  it("says what was found, and leaves out what there is none of or isn't known", () => {
    expect(countsInWords({ total: 1200, taken: 1199, left_out_count: 1, confirmed: null, duplicates: 0 })).toBe(
      "1,200 rows, 1,199 taken, 1 left out",
    );
  });
});

import { MantineProvider } from "@mantine/core";
import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { safeHref } from "./links";
import Markdown from "./Markdown";

afterEach(cleanup);

const drawn = (text: string) => {
  const { container } = render(<Markdown text={text} />, { wrapper: ({ children }) => <MantineProvider env="test">{children}</MantineProvider> });
  return container;
};

describe("what a model wrote", () => {
  it("is never HTML of this page", () => {
    const box = drawn('<img src=x onerror=alert(1)> <script>alert(1)</script>\n\n<b onclick="x()">b</b> **bold**');
    expect(box.querySelector("img, script, b")).toBeNull();
    expect(box.querySelector("strong")?.textContent).toBe("bold");
    expect(box.innerHTML).not.toContain("<script");
  });

  it("loads no images", () => {
    const box = drawn("![a cat](https://example.org/cat.png)");
    expect(box.querySelector("img")).toBeNull();
    expect(box.textContent).toContain("[image: a cat, https://example.org/cat.png]");
  });

  it("links to the web alone, in a page that knows nothing of this one", () => {
    const box = drawn("[ok](https://example.org/a) [no](javascript:alert(1)) [ours](/api/system) [data](data:text/html,x) https://a.org");
    const links = [...box.querySelectorAll("a")];
    expect(links.map((each) => each.getAttribute("href"))).toEqual(["https://example.org/a", "https://a.org/"]);
    expect(links.every((each) => each.rel.includes("noopener") && each.target === "_blank")).toBe(true);
    expect(box.textContent).toContain("no");
  });

  it("draws code and tables", () => {
    const box = drawn("```py\nprint('<b>')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |");
    expect(box.querySelector("pre")?.textContent).toBe("print('<b>')\n");
    expect(box.querySelectorAll("td")).toHaveLength(2);
  });
});

it("knows what leads to the web", () => {
  expect(safeHref("HTTP://a.org")).toBe("http://a.org/");
  expect(safeHref("//a.org")).toBeNull();
  expect(safeHref(" javascript:alert(1)")).toBeNull();
  expect(safeHref("https://")).toBeNull();
});

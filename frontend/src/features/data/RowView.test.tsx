import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";

import { RowView } from "./RowView";

afterEach(cleanup);

function draw(row: Record<string, unknown>) {
  render(
    <MantineProvider env="test">
      <section aria-label="row">
        <RowView row={row} />
      </section>
    </MantineProvider>,
  );
  const drawn = screen.getByRole("region", { name: "row" });
  return { drawn, text: () => drawn.textContent };
}

describe("a row on the page", () => {
  it("shows markup as the text that it is", () => {
    const { drawn } = draw({ prompt: "<img src=x onerror=alert(1)>", completion: "<b>bold</b>" });
    expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeTruthy();
    expect(drawn.querySelector("img, b")).toBeNull();
  });

  it("shows reasoning apart, and the turns in their order", () => {
    const { text } = draw({
      messages: [
        { role: "user", content: "2 + 2" },
        { role: "assistant", content: "<think>easy</think>\nFour" },
      ],
    });
    expect(screen.getByText("reasoning")).toBeTruthy();
    expect(text()).toBe("user2 + 2assistantreasoningeasyFour");
  });

  it("cuts a very long text until all of it is asked for", async () => {
    const { text } = draw({ prompt: "a", completion: "x".repeat(20_000) });
    expect(text().length).toBeLessThan(2_000);
    await userEvent.click(screen.getByRole("button", { name: "Show all 20,000 characters" }));
    expect(text().length).toBeGreaterThan(20_000);
  });
});

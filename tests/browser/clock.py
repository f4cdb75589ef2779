"""Time that a test passes: Playwright's clock in the page, and one of the same kind in the shared worker that holds its streams.

Playwright's reaches no worker, so the worker's is put before its script on the way (`Trouble.before`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from .troubled import Trouble
from .workshop import PATIENCE_SECONDS

STREAMS = r"^/assets/worker-[^/]*\.js$"
WORKERS_CLOCK = """(() => {
  const channel = new BroadcastChannel("a test's clock");
  const real = {wait: setTimeout.bind(globalThis), clear: clearTimeout.bind(globalThis), ask: fetch.bind(globalThis)};
  const timers = new Map();
  let now = 0, last = 0, asking = 0;
  const stop = () => {
    globalThis.setTimeout = (run, delay = 0) => (timers.set(--last, {run, due: now + delay}), last);
    globalThis.clearTimeout = (timer) => void (timers.delete(timer) || real.clear(timer));
    globalThis.fetch = (...what) => (asking += 1, real.ask(...what).finally(() => (asking -= 1)));
  };
  const rest = async () => { do await new Promise((done) => real.wait(done, 0)); while (asking > 0); };
  const pass = async (until) => {
    for (;;) {
      await rest();
      const [first] = [...timers].filter(([, {due}]) => due <= until).sort(([, one], [, other]) => one.due - other.due);
      if (!first) break;
      now = first[1].due;
      timers.delete(first[0]);
      first[1].run();
    }
    now = until;
  };
  channel.onmessage = async ({data}) => {
    await (data === "stop" ? stop() : pass(now + data));
    channel.postMessage("done");
  };
})();
"""
"""Once told to stop, timers run only as time is passed, one after the other: each once what the one before asked is answered."""
TELL = """async (said) => {
  const channel = new BroadcastChannel("a test's clock");
  const done = new Promise((heard) => (channel.onmessage = heard));
  channel.postMessage(said);
  await done;
  channel.close();
}"""


def hand_in_clock(trouble: Trouble) -> None:
    """To the worker of pages that are opened from now on."""
    trouble.before[STREAMS] = WORKERS_CLOCK


class StoppedTime:
    """The time of a page with a handed-in clock, and of its worker: from now on it stands still, but for what a test passes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # Later than it can be by the time that the page hears of it: into the past a clock can't go.
        page.clock.pause_at(page.evaluate("() => Date.now()") / 1000 + 60)
        page.evaluate(TELL, "stop")

    def pass_seconds(self, seconds: int) -> None:
        """One after the other in page and worker; what a second brings is answered before the next one."""
        for _ in range(seconds):
            self.page.clock.run_for(1_000)
            self.page.evaluate(TELL, 1_000)

    def pass_until(self, there: Locator) -> None:
        _again_until(there, lambda: self.pass_seconds(1))


def pass_time_until(page: Page, there: Locator) -> None:
    """Let the page's time run ahead until this is there. The page has a handed-in clock."""
    _again_until(there, lambda: page.clock.fast_forward(1_000))


def _again_until(there: Locator, pass_some: Callable[[], None]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not there.is_visible():
        assert time.monotonic() < deadline, f"{there} never came"
        pass_some()

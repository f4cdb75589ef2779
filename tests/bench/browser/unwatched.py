"""
A browser whose pages nobody looks into.

Playwright turns the debugger's Runtime and Network domains on in every page: V8 then parses the start's script again for each
Error that React makes there, and keeps a stack for each request. Here only the browser's own pipe is used, and nothing is on.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any

EVERY_SECONDS = 0.5
REST_SECONDS, REST_SHARE = 1.0, 0.1
COOKIE = ("name", "value", "domain", "path", "secure", "httpOnly")


def wait_for_rest(told: Callable[[], dict[str, Any]], within: float = 30) -> None:
    """
    Until the browser does nothing of its own: for a second, less than a tenth of a core.

    `told` is its answer to SystemInfo.getProcessInfo. For 0.8 s and more after a window opens, Chromium's own bar loads two
    hundred scripts on all cores (seen in a trace of all its processes): a person who opens Home has had the window for longer.
    """
    until, before = time.monotonic() + within, cpu_seconds(told())
    while time.monotonic() < until:
        time.sleep(REST_SECONDS)
        if (now := cpu_seconds(told())) - before < REST_SHARE * REST_SECONDS:
            return
        before = now
    raise TimeoutError(f"the browser still worked after {within:g} s")


def cpu_seconds(told: dict[str, Any]) -> float:
    return float(sum(each["cpuTime"] for each in told["processInfo"]))


class Unwatched:
    """A Chromium of its own, with one page; `cookies` as Playwright tells them. It ends with `close`."""

    def __init__(self, program: str, flags: list[str], cookies: list[Any]) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="unwatched-")
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()
        # The pipe's ends have to be 3 and 4 over there.
        ends = f"exec {program} 3<&{read_there} 4>&{write_there} "
        told = ("--headless", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", *flags, "about:blank")
        self.process = subprocess.Popen(
            ["bash", "-c", ends + '"$@"', "chromium", *told],
            pass_fds=(read_there, write_there),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_there)
        os.close(write_there)
        self.to, self.said, self.asked = write_here, os.fdopen(read_here, "rb"), 0
        self.send("Storage.setCookies", cookies=[{key: each[key] for key in COOKIE} for each in cookies])
        target = self.send("Target.createTarget", url="about:blank", width=1440, height=900, newWindow=True)["targetId"]
        self.page: str = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def send(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        """One command of the DevTools protocol and its answer; events are passed over."""
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": given} | ({"sessionId": session} if session else {})
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self.heard()).get("id") != self.asked:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def heard(self) -> dict[str, Any]:
        heard = bytearray()
        while (byte := self.said.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("Chromium has ended.")
            heard += byte
        return dict(json.loads(heard))

    def opens(self, url: str, script: str, slower: int) -> None:
        """Once the browser rests: go to `url` with `script` run before the page's own, the CPU so many times slower."""
        wait_for_rest(lambda: self.send("SystemInfo.getProcessInfo"))
        self.send("Emulation.setCPUThrottlingRate", self.page, rate=slower)
        self.send("Page.enable", self.page)
        self.send("Page.addScriptToEvaluateOnNewDocument", self.page, source=script)
        self.send("Page.navigate", self.page, url=url)

    def waits_for(self, expression: str, seconds: float) -> Any:
        """The value of `expression` once there is one; it is asked for seldom."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(EVERY_SECONDS)
            asked = self.send("Runtime.evaluate", self.page, expression=expression, returnByValue=True)
            if (value := asked["result"].get("value")) is not None:
                return value
        raise TimeoutError(f"{expression} had no value after {seconds:g} s")

    def close(self) -> None:
        self.send("Browser.close")
        self.process.wait(10)
        os.close(self.to)
        self.said.close()
        self.profile.cleanup()

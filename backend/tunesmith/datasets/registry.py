"""`data/dataset_info.json`, where LLaMA-Factory looks data sets up (its data/README.md). Others' entries are never touched."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tunesmith.domain.dataset import Format
from tunesmith.domain.errors import Conflict, InvalidInput

NAME = "dataset_info.json"


def entry_for(file_name: str, kind: Format) -> dict[str, Any]:
    """What tells LLaMA-Factory how to read rows as we write them.

    Messages are registered as `sharegpt` with our role names: its `openai` converter writes "detailed thinking off" into
    every system prompt (0.9.5, data/converter.py).
    """
    if kind is Format.MESSAGES:
        tags = {
            "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant",
            "system_tag": "system", "observation_tag": "observation", "function_tag": "function_call",
        }  # fmt: skip
        return {"file_name": file_name, "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    if kind is Format.ALPACA:
        columns = {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
    else:
        columns = {"prompt": "prompt", "response": "completion", "system": "system"}
    return {"file_name": file_name, "formatting": "alpaca", "columns": columns}


def format_of(entry: dict[str, Any]) -> Format:
    """The nearest of our formats to an entry that someone else wrote."""
    if entry.get("formatting") in ("sharegpt", "openai"):
        return Format.MESSAGES
    columns = entry.get("columns")
    prompt = columns.get("prompt") if isinstance(columns, dict) else None
    return Format.PROMPT_COMPLETION if prompt == "prompt" else Format.ALPACA


class Registry:
    """Blocking. Every change is made under a lock, from a fresh reading, and appears by rename."""

    def __init__(self, data: Path, lock: Path) -> None:
        self.path = data / NAME
        self._lock = lock

    def entries(self) -> dict[str, dict[str, Any]]:
        """All entries that are objects. `InvalidInput` naming the file when it can't be understood."""
        return {name: entry for name, entry in self._content().items() if isinstance(entry, dict)}

    def add(self, name: str, entry: dict[str, Any]) -> None:
        """`Conflict` when there is such an entry."""
        with self._change() as content:
            if name in content:
                raise Conflict(
                    f"There is a data set {name!r} already", f"It is registered in {self.path}.", "Choose another name."
                )
            content[name] = entry

    def remove(self, name: str) -> None:
        """Nothing happens when there is no such entry."""
        with self._change() as content:
            content.pop(name, None)

    @contextmanager
    def _change(self) -> Iterator[dict[str, Any]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._lock, timeout=30):
                content = self._content()
                before = dict(content)
                yield content
                if content != before:
                    self._write(content)
        except Timeout as error:
            raise Conflict(
                f"{self.path.name} is being changed by something else", f"{self._lock} is held.", "Try again."
            ) from error

    def _content(self) -> dict[str, Any]:
        remedy = "Mend it by hand, or move it away; the data files themselves are safe."
        try:
            content = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError) as error:
            raise InvalidInput(
                "The list of data sets can't be read", f"{self.path} is no valid JSON ({error}).", remedy
            ) from error
        if not isinstance(content, dict):
            raise InvalidInput("The list of data sets can't be read", f"{self.path} is no JSON object.", remedy)
        return content

    def _write(self, content: dict[str, Any]) -> None:
        handle, part = tempfile.mkstemp(prefix=f".{NAME}.part-", dir=self.path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(part).chmod(0o644)
            os.replace(part, self.path)  # noqa: PTH105
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

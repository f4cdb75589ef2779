"""`python -m tunesmith.openapi_document [--check] FILE`: writes the OpenAPI document, or says whether FILE is it.

The dashboard's client is generated from it (`make client`).
No home is touched: the application is put together on an empty one that lasts as long as this command.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tunesmith.main import create_app
from tunesmith.ownership import claim
from tunesmith.parts import assemble
from tunesmith.settings import PREFIX, Settings
from tunesmith.web import life


def document(home: Path) -> str:
    """The document as JSON, the same on every machine: whatever this one's settings are, `Settings` has only its defaults."""
    settings = Settings(_env_file=None, home=home, cache=home / "cache")
    owner = claim(settings.place)
    try:
        parts = assemble(settings)
        app = create_app(parts, life.Shutdown(parts.jobs.active, parts.supervisor.stop_all))
        return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    finally:
        owner.release()


def main(words: Sequence[str]) -> int:
    checking, file = words[0] == "--check", Path(words[-1])
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as home:
        made = document(Path(home))
    if not checking:
        file.write_text(made, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != made:
        print(f"{file} isn't what the API says now. Run `make client`, and commit what it changes.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""TensorBoard with a look at who asks: its own server answers whatever name it is called by.

    serve_tensorboard.py --logdir DIR --port PORT

Everything else is TensorBoard's own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import Any

from tensorboard import default, program
from visitors import refusal

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def guarded(app: Wsgi) -> Wsgi:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        why = refusal(environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN"))
        if why is None:
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [why.encode()]

    return answer


class Server(program.WerkzeugServer):
    def __init__(self, wsgi_app: Wsgi, flags: Any) -> None:
        super().__init__(guarded(wsgi_app), flags)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logdir", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    board = program.TensorBoard(default.get_plugins(), server_class=Server)
    board.configure(logdir=options.logdir, port=options.port, host="127.0.0.1", reload_interval=5)
    sys.exit(board.main())


if __name__ == "__main__":
    main()

"""python -m tests.easy_dataset_replay [--host 0.0.0.0] [--port 1717]: serve the recordings until the process is ended."""

from __future__ import annotations

import argparse

from .server import Replay


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.easy_dataset_replay", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0 in a container)")
    parser.add_argument("--port", type=int, default=1717)
    given = parser.parse_args()
    server = Replay(given.host, given.port).bound()
    print(f"easy-dataset's recordings on {given.host}:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

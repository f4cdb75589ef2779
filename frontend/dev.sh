#!/bin/sh
# dev.sh: the orchestrator of this home, started unless it runs, and beside it the dashboard from its sources with hot reload.
# Ctrl-C ends what was started here. DEV_PORT: where Vite listens.
set -eu
cd "$(dirname "$0")/.."
port=${DEV_PORT:-5173}
vite= ours=

end() {
    trap '' INT TERM
    [ -z "$vite" ] || { kill "$vite" 2>/dev/null && wait "$vite" || :; }
    # Jobs go on: the next start takes them up.
    [ -z "$ours" ] || .venv/bin/tunesmith down --force
}
address() { .venv/bin/tunesmith status --json | sed -n 's/^ "url": "\(.*\)",$/\1/p'; }
answers() { .venv/bin/python -c 'import socket, sys; socket.create_connection(("localhost", int(sys.argv[1])), 1)' "$port" 2>/dev/null; }

frontend/packages.sh
trap end EXIT
trap 'exit 0' INT TERM
ends="Vite; the orchestrator ran before"
api=$(address)
if [ -z "$api" ]; then
    ours=yes ends="both"
    .venv/bin/tunesmith up --no-browser >/dev/null
    api=$(address)
fi
if answers; then
    echo "Something answers at port $port already. End it, or take another port: DEV_PORT=5174 make dev" >&2
    exit 69
fi
DEV_API=$api DEV_PORT=$port frontend/node.sh npx --no-install vite &
vite=$!
until answers; do
    kill -0 "$vite" 2>/dev/null || { vite=; echo "Vite didn't start; what it said is above." >&2; exit 69; }
    sleep 0.2
done
cat <<END

  Open once: $(.venv/bin/tunesmith link --host "localhost:$port")
  The API is at $api, its log in .tunesmith/logs of the home. Ctrl-C ends $ends.

END
wait "$vite" || [ $? -gt 128 ]

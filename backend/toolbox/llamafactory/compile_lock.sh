#!/bin/sh
# Renews requirements.txt from requirements.in, for Python 3.11 and newer on Linux. Needs uv and a package index.
# torch is taken out of the resolution: its build (CPU or CUDA) is the machine's choice, torch.txt pins its version.
set -eu
cd "$(dirname "$0")"
override=$(mktemp)
trap 'rm -f "$override"' EXIT
echo 'torch; sys_platform == "never"' >"$override"
uv pip compile requirements.in --universal --python-version 3.11 --override "$override" \
    --no-header --no-annotate --no-emit-find-links --no-emit-index-url --quiet | grep -v "'never'" >requirements.txt

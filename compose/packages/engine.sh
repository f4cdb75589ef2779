#!/bin/sh
# Installs what the stack needs on Debian 12 from packages alone: engine, Compose, Buildx, debootstrap. Run as root; does nothing twice.
# Compose and Buildx aren't in Debian 12: their static binaries come out of sid's packages, which are unpacked, not installed.
set -eu
say() { echo "engine.sh: $*" >&2; }
[ "$(id -u)" = 0 ] || { say "run as root: it installs packages and starts the engine"; exit 1; }
export DEBIAN_FRONTEND=noninteractive
if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null; then
    apt-get update -q >/dev/null
    apt-get install -y -q --no-install-recommends docker.io iptables debootstrap ca-certificates >/dev/null
fi

plugins=/usr/local/lib/docker/cli-plugins
# The plugin of a package of sid; its suite is read beside the system's own, which stays as it is.
plugin() { # PACKAGE PLUGIN
    docker "$2" version >/dev/null 2>&1 && return
    work=$(mktemp -d)
    mirror=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' | head -1)
    mkdir -p "$work/lists/partial" "$work/cache/partial"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' "$mirror" >"$work/sources.list"
    set -- "$1" "$2" -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
        -o Dir::Cache="$work/cache" -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root
    package=$1 name=$2; shift 2
    (cd "$work" && apt-get "$@" update -q >/dev/null && apt-get "$@" download -q "$package" >/dev/null && dpkg-deb -x ./*.deb x)
    found=$(find "$work/x" -type f -name "docker-$name" -perm -u+x | head -1)
    [ -n "$found" ] || { say "the package $package holds no plugin docker-$name"; exit 1; }
    install -D -m 0755 "$found" "$plugins/docker-$name"
    rm -rf "$work"
}
plugin docker-compose compose
plugin docker-buildx buildx

if ! docker version >/dev/null 2>&1; then
    mkdir -p /var/log
    setsid dockerd </dev/null >/var/log/dockerd.log 2>&1 &
    tries=0
    until docker version >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || { say "dockerd doesn't start: $(tail -3 /var/log/dockerd.log)"; exit 1; }
        sleep 0.5
    done
fi
say "engine $(docker version --format '{{.Server.Version}}'), Compose $(docker compose version --short)"

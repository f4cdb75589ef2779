#!/bin/sh
# Before anything starts: can the user that the containers run as write into home? If not, say the one line that helps, and stop.
# Starts as root with CHOWN, SETUID and SETGID only, for one thing: on a fresh home the engine has just made .tunesmith for the mount,
# as root. Everything else happens as that user. The folders that other containers mount are made here, before the engine would.
set -eu
home=${TUNESMITH_HOME:?} uid=${TUNESMITH_UID:?} gid=${TUNESMITH_GID:?}
say() { printf 'tunesmith: %s\n' "$@" >&2; }
as_user() { setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all -- /bin/sh "$0" "$1"; }

writable() { # FOLDER
    [ ! -w "$1" ] || [ ! -x "$1" ] || return 0
    owner=$(stat -c %u "$1")
    if [ "$owner" = "$uid" ]; then
        say "$1 can't be written, though it belongs to the containers' user ($uid). If its disk isn't read-only, run" "    chmod u+rwx '$1'"
    else
        say "$1 belongs to user $owner, and the containers run as user $uid, who can't write there. If you are user $owner, run in the checkout" \
            "    printf 'TUNESMITH_UID=%s\\nTUNESMITH_GID=%s\\n' \"\$(id -u)\" \"\$(id -g)\" >> .env" \
            "else give it to user $uid:" \
            "    sudo chown -R $uid:$gid '$1'"
    fi
    exit 77
}

case ${1-} in
check)
    for folder in saves models data; do writable "$home/$folder"; done ;;
make)
    # tools/: each tool's own HOME, and what LlamaBoard would lay down in home. models/gguf: where llama.cpp's page looks for models.
    writable "$home/.tunesmith"
    for folder in .tunesmith/jobs .tunesmith/services .tunesmith/renderings .tunesmith/proofs .tunesmith/demo \
        .tunesmith/ollama .tunesmith/caddy .tunesmith/tools .tunesmith/tools/llama-cpp .tunesmith/tools/ollama .tunesmith/tools/llamafactory \
        .tunesmith/tools/llamafactory/llamaboard_cache .tunesmith/tools/llamafactory/llamaboard_config models/gguf; do
        mkdir -p "$home/$folder"
        writable "$home/$folder"
    done ;;
*)
    case $uid$gid in *[!0-9]*) say "TUNESMITH_UID and TUNESMITH_GID are numbers, not '$uid' and '$gid'"; exit 64 ;; esac
    as_user check
    ours=$home/.tunesmith
    [ "$(stat -c %u "$ours")" != 0 ] || [ -n "$(ls -A "$ours")" ] || chown "$uid:$gid" "$ours"
    as_user make ;;
esac

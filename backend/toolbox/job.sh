#!/bin/sh
# job.sh run FOLDER [--reaped] [--publish PART FINAL SIDECAR]... -- ARGV...
# job.sh run FOLDER --argv [--publish PART FINAL SIDECAR]...
#     Runs ARGV once, in a session of its own. When it returned 0, PART is renamed to FINAL, with SIDECAR in it (folder) or
#     beside it (file). FOLDER is made by whoever asks; all paths are absolute. --reaped: the parent is a subreaper.
#     --argv: ARGV stands in FOLDER/argv, since a request to an engine is shorter than an argv may be: "=" begins a word, "+" a
#     further line of it.
# job.sh cancel FOLDER [GRACE_SECONDS]
#     TERM to all processes of the job, KILL after the grace (5), looks again. Status 0: none is left, or it had ended by itself;
#     1: see `processes_left`; 143: it had never started, and never will.
# job.sh lost FOLDER
#     Where the heartbeat is late and no subreaper cares: ends what a killed wrapper has left behind, and says so in `lost`.
#     Status 0: it is lost, or has ended; 1: the wrapper lives, or see `processes_left`.
#
# FOLDER  claim/           first start wins; in it `verdict`, a link to `ended` or `cancel`, whichever came first
#         started, reaper  "BOOT_ID PID START_TICKS" of wrapper and subreaper
#         heartbeat        "BOOT_ID UPTIME", every 2 s
#         cookie, pgid     what the job's processes carry as JOB_ID; their first process group
#         log, leftovers   the command's output; pids that outlived it and were ended
#         exit             "STATUS [disk-full]", last, by rename
#         cancelling       "GRACE BOOT_ID PID START_TICKS" of the canceller
#         cancelled        no process is left; or processes_left: "PID..."
#         lost             no wrapper and no process is left, and nobody will say how it ended
# STATUS  the command's, 128+n for signal n; 127 no such program; 73 FINAL is there already or can't be made; 74 PART wasn't made.
#         Ours alone: 64 wrong use; 66 no FOLDER; 75 FOLDER can't be written, nothing was claimed.
#
# POSIX sh with the tools of busybox: a toolbox's image has nothing else of ours. What is written after the claim overwrites
# bytes reserved before it, so that a full disk can't swallow the exit status.
set -u
PATH=${PATH-}
wanted_path=$PATH
PATH=$PATH:/usr/local/bin:/usr/bin:/bin

wrong_use() { echo "job.sh: $1" >&2; exit 64; }

# The log belongs to the tool: ours are the last lines, never the middle of one of its own.
say() {
    { [ -z "$(tail -c 1 "$J/log")" ] || echo; printf 'tunesmith: %s\n' "$1"; } >>"$J/log" 2>/dev/null
}
put() { printf '%s\n' "$2" >"$J/.$1.$$"; mv -f "$J/.$1.$$" "$J/$1"; }
reserve() { printf "%$1s\n" ''; }
exists() { [ -e "$1" ] || [ -L "$1" ]; }

# ---- processes: a pid alone says nothing, pids come back
read -r boot </proc/sys/kernel/random/boot_id

# Sets $state and $began (ticks since boot). The name in the second field may hold anything, spaces, ")" and newlines too.
look_up() {
    stat=
    { while read -r line || [ -n "$line" ]; do stat=$stat$line; done; } 2>/dev/null <"/proc/$1/stat" || return 1
    [ -n "$stat" ] || return 1
    set -- ${stat##*) }
    state=$1 began=${20}
}
# Sets $pid to the process that the file names, or to 0 when that one is gone.
find_alive() {
    read -r its_boot pid its_began 2>/dev/null <"$J/$1" || { pid=0; return 1; }
    [ "$its_boot" = "$boot" ] && look_up "$pid" && [ "$began" = "$its_began" ] && [ "$state" != Z ] || { pid=0; return 1; }
}
# Sets $now, in 1/100 s since boot: the wall clock may jump.
look_at_clock() { read -r now _ </proc/uptime; now=${now%.*}${now#*.}; }
pause() { sleep 0.05 2>/dev/null || sleep 1; }

# Sets $members and $groups: every live process of the job. Those are, outside the wrapper's own session, the descendants of the
# subreaper and of the wrapper and whatever carries the cookie; without a subreaper also the sessions seen before ($sessions),
# for a child whose parent has ended meanwhile. Zombies don't count. `status` files, because names are escaped there.
find_members() {
    scan
    # A process that begins another program has no environment to be known by for a moment: "none" is looked at twice.
    [ -n "$members" ] || [ "$reaper" -ne 0 ] || scan
    [ -n "$members" ]
}
scan() {
    find_alive reaper; reaper=$pid
    find_alive started; wrapper=$pid
    carriers=$(LC_ALL=C grep -lsF "JOB_ID=$cookie" /proc/[0-9]*/environ)
    found=$(LC_ALL=C grep -sHE '^(State|PPid|NSpgid|NSsid):' /proc/[0-9]*/status | awk -F '[/:\t ]+' \
        -v reaper="$reaper" -v wrapper="$wrapper" -v sessions="$sessions" -v carriers="$(echo $carriers)" '
        $5 == "State" { state[$3] = $6 }
        $5 == "PPid" { parent[$3] = $6 }
        $5 == "NSpgid" { group[$3] = $6 }
        $5 == "NSsid" { session[$3] = $6 }
        END {
            if (reaper) { ours[reaper] = 1; own[session[reaper]] = 1 }
            if (wrapper) { ours[wrapper] = 1; own[session[wrapper]] = 1 }
            n = split(carriers, path, " ")
            for (i = 1; i <= n; i++) { split(path[i], part, "/"); ours[part[3]] = 1 }
            n = reaper ? 0 : split(sessions, list, " ")
            for (i = 1; i <= n; i++) seen[list[i]] = 1
            for (p in session) if (session[p] in seen) ours[p] = 1
            do {
                more = 0
                for (p in parent) if (!(p in ours) && (parent[p] in ours)) { ours[p] = 1; more = 1 }
            } while (more)
            for (p in ours) if ((p in session) && !(session[p] in own) && state[p] != "Z" && state[p] != "X")
                print p, group[p], session[p]
        }')
    members= groups=
    set -- $found
    while [ $# -ge 3 ]; do
        members="$members $1"
        case "$groups " in *" $2 "*) ;; *) groups="$groups $2" ;; esac
        case "$sessions " in *" $3 "*) ;; *) sessions="$sessions $3" ;; esac
        shift 3
    done
}
# By group: one call reaches a whole group at once, also the child that is being forked.
signal() { for group in $groups; do kill -s "$1" -- "-$group" 2>/dev/null; done; }

# Ends the job's processes, GRACE seconds between TERM and KILL. Status 1 when $members remain.
end_members() {
    find_members || return 0
    signal TERM
    look_at_clock; deadline=$((now + $(echo "$1" | awk '{ print int($1 * 100) }')))
    while find_members && look_at_clock && [ "$now" -lt "$deadline" ]; do pause; done
    look_at_clock; deadline=$((now + 500))
    while [ -n "$members" ] && [ "$now" -lt "$deadline" ]; do
        signal KILL
        pause; find_members; look_at_clock
    done
    [ -z "$members" ]
}

# Sets $strays: orphans of this container, younger than the job, of whom nothing tells whose they are: without a subreaper a child
# with its own session and a cleared environment is beyond proof once its parent has ended. Seen only from an exec, whose parent
# is 0, and where an init adopts them; its first child is the service itself.
find_strays() {
    strays= orphans=
    [ "$PPID" -eq 0 ] && read -r _ _ since 2>/dev/null <"$J/started" || return 1
    read -r init </proc/1/comm && [ "$init" = docker-init ] || return 1
    read -r _ orphans 2>/dev/null </proc/1/task/1/children
    for orphan in $orphans; do
        look_up "$orphan" && [ "$state" != Z ] && [ "$began" -ge "$since" ] || continue
        LC_ALL=C grep -qsF JOB_ID= "/proc/$orphan/environ" || strays="$strays $orphan"
    done
    [ -n "$strays" ]
}
# A nap of a killed wrapper's heartbeat outlives it for 2 s.
strays_stay() {
    look_at_clock; deadline=$((now + 300))
    while find_strays; do
        look_at_clock
        [ "$now" -lt "$deadline" ] || return 0
        pause
    done
    return 1
}

# ---- artifacts: what exists under its own name is complete
each() {
    treat=$1; shift
    while [ "${1-}" = --publish ]; do
        "$treat" "$2" "$3" "$4" || return
        shift 4
    done
}
is_absolute() { for path; do case $path in /?*) ;; *) wrong_use "--publish wants absolute paths" ;; esac; done; }
# Sets $record: the sidecar of the folder or file FINAL that is, or will be made of, $1.
beside() { if [ -d "$1" ]; then record=$1/tunesmith.json; else record=${2-$1}.tunesmith.json; fi; }
# An earlier attempt of this very step got as far as the rename and was then killed.
is_published() {
    [ "$1" != "$2" ] && exists "$2" || return 1
    beside "$2"
    [ -f "$record" ] && [ "$(cat "$record")" = "$(cat "$3")" ]
}
in_the_way() { say "$1 is there already and is not overwritten. Delete or rename it, or choose another name."; return 73; }

make_ready() {
    mkdir -p "${1%/*}" "${2%/*}" 2>>"$J/log" || { say "cannot make ${2%/*}"; return 73; }
    # A tool that works in place starts by making its folder incomplete again.
    if [ "$1" = "$2" ]; then beside "$2"; rm -f "$record"; return; fi
    rm -rf "$1"
    is_published "$@" || ! exists "$2" || in_the_way "$2"
}
is_made() {
    is_published "$@" && return
    exists "$1" || { say "the command returned 0 but did not write $1"; return 74; }
    [ "$1" = "$2" ] || ! exists "$2" || in_the_way "$2"
}
publish() {
    is_published "$@" && { rm -rf "$1"; return; }
    beside "$1" "$2"
    new=${record%/*}/.${record##*/}
    cp "$3" "$new" 2>>"$J/log" && mv -f "$new" "$record" 2>>"$J/log" &&
        { [ "$1" = "$2" ] || mv -T "$1" "$2" 2>>"$J/log"; } && return
    rm -f "$new"
    say "cannot publish $2"
    return 73
}
drop() { [ "$1" = "$2" ] || rm -rf "$1" 2>/dev/null; }
# A full disk often swallows the message about itself: try.
has_room() {
    probe=${2%/*}/.room-$cookie
    tried=$(LC_ALL=C dd if=/dev/zero of="$probe" bs=65536 count=1 2>&1)
    rm -f "$probe" 2>/dev/null
    case $tried in *"No space left"* | *"uota exceeded"*) return 1 ;; esac
}

# ---- run
prepare() {
    read -r cookie </proc/sys/kernel/random/uuid
    N=$J/.new-$cookie
    look_up $$ && mkdir "$N" && echo "$boot $$ $began" >"$N/started" && echo "$cookie" >"$N/cookie" &&
        reserve 63 >"$N/.exit" && reserve 63 >"$N/.pgid" && reserve 63 >"$N/heartbeat" && reserve 4095 >"$N/.room" || return 1
    set -- "$N/cookie" "$N/heartbeat" "$N/.exit" "$N/.pgid" "$N/.room"
    if [ "$reaped" ]; then
        look_up $PPID && echo "$boot $PPID $began" >"$N/reaper" || return 1
        set -- "$N/reaper" "$@"
    fi
    if mkdir "$J/claim" 2>/dev/null; then
        mv -f "$@" "$N/started" "$J/" && rmdir "$N"
        return
    fi
    rm -rf "$N"
    if [ -d "$J/claim" ]; then exit 0; fi       # asked twice: the first one runs
    return 1
}
beat() {
    # Not by a variable: a signal may come before its assignment. Not TERM: a fork that isn't a nap yet would lose it.
    trap 'kill -s KILL $!; exit' TERM
    # Ends with the wrapper even when that is killed, or a dead job would look alive.
    while kill -0 $$; do
        read -r up _ </proc/uptime
        printf '%-63s\n' "$boot $up" 1<>"$J/heartbeat"
        sleep 2 &
        wait $!
    done
}
# Runs in the job's session. A cancel that came before this look finds nothing to signal; one that comes after it finds us.
launch='
printf "%-63s\n" $$ 1<>"$1/.pgid"; mv -f "$1/.pgid" "$1/pgid"
[ ! -L "$1/claim/verdict" ] || exit 143
PATH=$2; shift 2
command -v "$1" >/dev/null 2>&1 || { printf "tunesmith: program not found: %s\n" "$1" >&2; exit 127; }
exec "$@"'
# setsid forks, and loses the status, only when it leads a process group; a child of this shell never does.
# In the foreground: a background child would get SIGINT and SIGQUIT ignored for good.
execute() {
    while [ "$1" = --publish ]; do shift 4; done
    shift
    JOB_ID=$cookie setsid sh -c "$launch" sh "$J" "$wanted_path" "$@" </dev/null >>"$J/log" 2>&1
}
finish() {
    # Until it has heard: a signal that comes before its trap is lost.
    while look_up "$beat" && [ "$state" != Z ]; do kill "$beat"; done
    wait "$beat"
    rm -f "$J/.room"
    printf '%-63s\n' "$*" 1<>"$J/.exit"
    mv -f "$J/.exit" "$J/exit"
    exit "$1"
}
# Whether this end counts, or a cancel was asked for before it: a link is made by one only.
ends_by_itself() { ln -s ended "$J/claim/verdict" 2>/dev/null; }
end_leftovers() {
    find_members || return 0
    [ "$reaper" -ne 0 ] || scan  # for the names of those that a moment ago had no environment
    grace=2
    if [ -L "$J/claim/verdict" ]; then read -r grace _ 2>/dev/null <"$J/cancelling"; else put leftovers "${members# }"; fi
    end_members "${grace:-5}"
}
give_up() {
    each drop "$@"
    : >>"$J/cancelling"
    [ "$status" -ne 0 ] || status=143
    finish "$status"
}
fail() {
    full=
    has_room - "$J/log" && each has_room "$@" || full=disk-full
    each drop "$@"
    rm -f "$J/.room"        # for this last line
    [ -z "$full" ] || say "No space left on device. Make room, then run this step again."
    finish "$status" $full
}
run() {
    prepare || { rm -rf "$N"; echo "job.sh: cannot write in $J" >&2; exit 75; }
    # Whoever waits for the claim reads the end of file here.
    exec </dev/null >/dev/null 2>&1
    # A handler and not '': what is ignored here stays ignored in the job, and no shell can undo that.
    trap : HUP INT QUIT TERM
    sessions= status=0
    beat & beat=$!
    [ ! -L "$J/claim/verdict" ] || give_up "$@"
    each make_ready "$@" || { status=$?; ends_by_itself || give_up "$@"; fail "$@"; }
    if [ "$1" = --publish ] && each is_published "$@"; then
        say "an earlier attempt has published this already"
        ends_by_itself || give_up "$@"
        finish 0
    fi
    execute "$@"; status=$?
    end_leftovers
    ends_by_itself || give_up "$@"
    [ "$status" -eq 0 ] || fail "$@"
    each is_made "$@" && each publish "$@" || { status=$?; fail "$@"; }
    finish 0
}

# ---- cancel
some_left() { put processes_left "$1"; exit 1; }
# Sets $verdict. `cancelling` comes first, so that an exit status that was cancelled is never seen without it.
decide() {
    verdict=$(readlink "$J/claim/verdict")
    [ "$verdict" != ended ] || return
    look_up $$
    put cancelling "$1 $boot $$ $began"
    ln -s cancel "$J/claim/verdict" 2>/dev/null
    verdict=$(readlink "$J/claim/verdict")
    [ "$verdict" != ended ] || rm -f "$J/cancelling"
}
await_exit() {
    look_at_clock; deadline=$((now + 6000))
    while [ ! -e "$J/exit" ] && find_alive started; do
        look_at_clock
        [ "$now" -lt "$deadline" ] || return
        pause
    done
}
cancel() {
    if mkdir "$J/claim" 2>/dev/null; then
        put cancelled "$1"
        put exit 143
        exit 143
    fi
    [ -d "$J/claim" ] || { echo "job.sh: cannot write in $J" >&2; exit 75; }
    [ ! -e "$J/cancelled" ] || exit 0
    sessions= cookie=; read -r cookie 2>/dev/null <"$J/cookie"
    cookie=${cookie:-none}
    decide "$1"
    # The command has ended by itself, and that stands; its wrapper may be publishing still.
    if [ "$verdict" = ended ]; then await_exit; exit 0; fi
    end_members "$1" || some_left "${members# }"
    await_exit || some_left "$pid"
    # A wrapper that was killed can't say it any more.
    [ -e "$J/exit" ] || put exit 143
    if find_members; then some_left "${members# }"; fi
    if strays_stay; then some_left "${strays# }"; fi
    rm -f "$J/processes_left"
    put cancelled "$1"
}

# ---- lost
lost() {
    [ ! -e "$J/exit" ] && [ ! -e "$J/lost" ] || exit 0
    if find_alive started; then exit 1; fi
    sessions= cookie=; read -r cookie 2>/dev/null <"$J/cookie"
    cookie=${cookie:-none}
    end_members 2 || some_left "${members# }"
    rm -f "$J/processes_left"
    # Its last act may have been to write it.
    [ -e "$J/exit" ] || put lost "$boot"
}

what=${1-} J=${2-}
case $J in /?*) ;; *) wrong_use "the folder must be an absolute path" ;; esac
[ -d "$J" ] || { echo "job.sh: no folder $J" >&2; exit 66; }
shift 2
case $what in
run)
    reaped=
    [ "${1-}" != --reaped ] || { reaped=yes; shift; }
    if [ "${1-}" = --argv ]; then
        shift
        [ -r "$J/argv" ] || wrong_use "cannot read $J/argv"
        set -- "$@" --
        begun=
        while IFS= read -r line || [ -n "$line" ]; do
            case $line in
            =*) [ -z "$begun" ] || set -- "$@" "$word"
                begun=yes word=${line#=} ;;
            *)  word="$word
${line#+}" ;;
            esac
        done <"$J/argv"
        [ -z "$begun" ] || set -- "$@" "$word"
    fi
    each is_absolute "$@"
    (while [ "${1-}" = --publish ]; do shift 4; done; [ "${1-}" = -- ] && [ $# -gt 1 ]) || wrong_use "-- ARGV is missing"
    run "$@" ;;
cancel)
    grace=${1-5}
    case $grace in ''|*[!0-9.]*) wrong_use "not a number of seconds: $grace" ;; esac
    cancel "$grace" ;;
lost) lost ;;
*) wrong_use "run, cancel or lost" ;;
esac

#!/bin/sh
# build.sh: builds the dashboard into dist/, with the packages that the lock names; does nothing when dist/ was made from just these
# sources. dist/ appears by rename: a build that fails leaves the old one.
set -eu
cd "$(dirname "$0")"
begin=$(date +%s)
log=$(mktemp)
new=node_modules/.dist-$$
old=node_modules/.dist-old-$$
trap 'rm -rf "$log" "$new"' EXIT

sources() {
    find index.html package.json package-lock.json tsconfig.json vite.config.ts compiled.ts compressed.ts public src -type f ! -name '*.test.ts*' \
        -exec cksum {} + | LC_ALL=C sort | cksum
}
failed() {
    echo >&2
    tail -n 30 "$log" | sed "s/$(printf '\033')\\[[0-9;]*m//g; s/^/  /" >&2
    echo "The dashboard can't be built: \`npx vite build\` failed in frontend/, the end of what it printed is above." >&2
    echo "Mend what it names; \`git status frontend\` shows what was changed." >&2
    exit 69
}

made_from=$(sources)
if [ "$(cat dist/.sources 2>/dev/null)" = "$made_from" ]; then
    echo "The dashboard in frontend/dist is built from these sources already."
    exit
fi
./packages.sh
printf 'Building the dashboard into frontend/dist … '
./node.sh npx --no-install vite build --outDir "$new" --emptyOutDir >"$log" 2>&1 || failed
echo "$made_from" >"$new/.sources"
[ ! -d dist ] || mv dist "$old"
mv "$new" dist
rm -rf "$old"
echo "done in $(($(date +%s) - begin)) s."

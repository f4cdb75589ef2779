// node budget.mjs [DIST]: what the built dashboard weighs, packed by gzip, against its bars. Ends with 1 when one is missed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const FIRST = 220_000; // scripts and styles that index.html names
const LATER = 100_000; // what a page that is loaded later adds to them

const dist = process.argv[2] ?? new URL("dist", import.meta.url).pathname;
const read = (file) => readFileSync(join(dist, file));
const weigh = (files) => [...files].reduce((sum, file) => sum + gzipSync(read(file), { level: 9 }).length, 0);

/** The scripts and styles of a chunk and of all that it imports at once. */
function filesOf(manifest, key, seen = new Set()) {
  if (seen.has(key)) return [];
  seen.add(key);
  const { file, css = [], imports = [] } = manifest[key];
  return [file, ...css, ...imports.flatMap((each) => filesOf(manifest, each, seen))];
}

const manifest = JSON.parse(read(".vite/manifest.json"));
const named = [...read("index.html").toString().matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1]);
const first = new Set(named);
const rows = [{ what: "index.html", bytes: weigh(first), bar: FIRST }];
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry) continue;
  const own = new Set(filesOf(manifest, key).filter((file) => !first.has(file)));
  rows.push({ what: key, bytes: weigh(own), bar: LATER });
}

for (const { what, bytes, bar } of rows) {
  const verdict = bytes > bar ? "MISSED" : "met";
  console.log(`${what.padEnd(48)} ${(bytes / 1000).toFixed(1).padStart(6)} kB   at most ${bar / 1000} kB   ${verdict}`);
}
if (rows.some(({ bytes, bar }) => bytes > bar)) process.exit(1);

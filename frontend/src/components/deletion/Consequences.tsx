import { Link, linkOptions } from "@tanstack/react-router";

import type { Deletion } from "@/client/types";
import { bytes, plural } from "@/lib/format";

import classes from "./Consequences.module.css";

type Dependant = Deletion["dependants"][number];

/** Files that are named one by one; dependants, which one may want to go to, are more. */
const NAMED = 6;
const LISTED = 20;

/** What a deletion would do, in sentences. */
export function Consequences({ deletion }: { deletion: Deletion }) {
  const blocking = deletion.dependants.filter((each) => each.blocks).sort((one, other) => turnOf(one) - turnOf(other));
  const losing = deletion.dependants.filter((each) => !each.blocks);
  return (
    <div className={classes.said} aria-live="polite">
      <p hidden={!deletion.possible}>
        Deletes {bytes(deletion.bytes)}
        {deletion.files.length > 1 && ` in ${plural(deletion.files.length, "place")}`}.
        {deletion.stops.map((name) => (
          <span key={name}>
            {" "}
            The served name <code>{name}</code> stops.
          </span>
        ))}
      </p>
      {blocking.length > 0 && <Reasons title="It can’t be deleted now. These have to go or end first, in this order:" reasons={blocking} />}
      {losing.length > 0 && <Reasons title="These stay, and lose where they came from:" reasons={losing} />}
      {deletion.possible && deletion.files.length > 0 && (
        <ul className={classes.files} aria-label="What goes">
          {deletion.files.slice(0, NAMED).map((file) => (
            <li key={file}>{file}</li>
          ))}
          {deletion.files.length > NAMED && <li>and {deletion.files.length - NAMED} more</li>}
        </ul>
      )}
    </div>
  );
}

/** Where artifacts lie, and as what people know them, in the order in which they can go: what is used last goes first. */
const PLACES = [
  { folder: "models/adapters/", word: "GGUF adapter" },
  { folder: "models/gguf/", word: "GGUF" },
  { folder: "models/merged/", word: "merged model" },
  { folder: "saves/", word: "adapter" },
  { folder: "models/base/", word: "base model" },
] as const;

function turnOf({ kind, name }: Dependant): number {
  if (kind !== "artifact") return ["job", "release", "run"].indexOf(kind) * 10;
  return 11 + PLACES.findIndex(({ folder }) => name.startsWith(folder));
}

function Reasons({ title, reasons }: { title: string; reasons: Dependant[] }) {
  return (
    <div>
      <p>
        <strong>{title}</strong>
      </p>
      <ul className={classes.reasons}>
        {reasons.slice(0, LISTED).map((each) => {
          const [before, link, rest] = saidOf(each);
          return (
            <li key={`${each.kind} ${each.name} ${each.why}`}>
              {before}
              <Link {...addressOf(each)} title={each.kind === "artifact" ? each.name : undefined}>
                {link}
              </Link>
              {rest}.
            </li>
          );
        })}
        {reasons.length > LISTED && <li>and {reasons.length - LISTED} more.</li>}
      </ul>
    </div>
  );
}

/** "adapter facts was made from it": the name is the link; where it isn't named so, the whole sentence. */
function saidOf({ kind, name, why }: Dependant): [before: string, link: string, rest: string] {
  if (!why.startsWith(name)) return ["", why, ""];
  const [word, known] = kind === "artifact" ? knownAs(name) : ["", name];
  return [word && `${word} `, known, why.slice(name.length)];
}

/** The kind and the name of what lies at a path; a path of another kind stays whole. */
function knownAs(path: string): [word: string, name: string] {
  const place = PLACES.find(({ folder }) => path.startsWith(folder));
  if (!place) return ["", path];
  const name = path.slice(place.folder.length).replace(/\.gguf$/, "");
  return [/\/checkpoint-\d+$/.test(name) ? "checkpoint" : place.word, name];
}

function addressOf({ kind, name }: Dependant) {
  if (kind === "job") return linkOptions({ to: "/jobs/$id", params: { id: name } });
  if (kind === "run") return linkOptions({ to: "/runs/$", params: { _splat: name } });
  if (kind === "artifact") return linkOptions({ to: "/models/$", params: { _splat: name } });
  return linkOptions({ to: "/release/$name", params: { name: name.split("/")[0] ?? name } });
}

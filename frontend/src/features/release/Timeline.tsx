import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { deleteRelease, releaseDeletionQuery } from "@/client/queries/releases";
import type { Release, Served } from "@/client/types";
import { Copy } from "@/components/Copyable";
import { ConfirmDeletion } from "@/components/deletion/ConfirmDeletion";
import { WarningBadge } from "@/components/state/State";
import { Time } from "@/components/Time";
import { bytes } from "@/lib/format";

import { Proof } from "./Proof";
import { RollBack } from "./RollBack";
import { newestFirst } from "./served";
import classes from "./ServedPage.module.css";

/** Everything that a name stood for, the newest first. */
export function Timeline({ served }: { served: Served }) {
  return (
    <ol className={classes.timeline} reversed>
      {newestFirst(served).map((release) => (
        <Entry key={release.number} release={release} current={served.current} />
      ))}
    </ol>
  );
}

function Entry({ release, current }: { release: Release; current: number | null }) {
  const stands = release.number === current;
  return (
    <li className={classes.release} data-current={stands || undefined}>
      <div className={classes.head}>
        <h3 className={classes.title}>
          Release {release.number}
          {stands && <span className={classes.current}>current</span>}
          <span className={classes.made}>
            <Time at={release.made_at} />
          </span>
        </h3>
        {!stands && (
          <div className={classes.acts}>
            <RollBack release={release} current={current} size="compact-sm" />
            <DeleteOne release={release} />
          </div>
        )}
      </div>
      <Facts release={release} />
      {release.warnings.map((warning) => (
        <div key={warning} className={classes.warning}>
          <WarningBadge word={warning} />
        </div>
      ))}
      <Pieces release={release} />
    </li>
  );
}

function Facts({ release }: { release: Release }) {
  const { engine, engine_build: build, system } = release;
  return (
    <dl className={classes.facts}>
      <dt>Proof</dt>
      <dd>
        <Proof release={release} />
      </dd>
      <dt>Adapter</dt>
      <dd>
        <Link to="/models/$" params={{ _splat: release.adapter }}>
          {release.adapter}
        </Link>
      </dd>
      <dt>Base</dt>
      <dd>
        <Link to="/models/$" params={{ _splat: release.base }}>
          {release.base}
        </Link>
      </dd>
      <dt>Served</dt>
      <dd>
        {release.way === "adapter" ? "as an adapter on the shared base" : "merged"}, {release.quantisation}, template {release.template}
      </dd>
      <dt>Engine</dt>
      <dd>{build.startsWith(engine) ? build : `${engine} ${build}`}</dd>
      {system != null && (
        <>
          <dt>System prompt</dt>
          <dd>
            {/* A region that scrolls is reached by keyboard, too. */}
            <pre className={classes.system} dir="auto" tabIndex={0} aria-label={`System prompt of release ${release.number}`}>
              {system}
            </pre>
          </dd>
        </>
      )}
      <dt>Job</dt>
      <dd>
        <Link to="/jobs/$id" params={{ id: release.job }}>
          {release.job}
        </Link>
      </dd>
    </dl>
  );
}

function Pieces({ release }: { release: Release }) {
  return (
    <details>
      <summary className={classes.summary}>Its files and their hashes</summary>
      <ul className={classes.pieces}>
        {release.pieces.map((piece) => (
          <li key={piece.path}>
            <span>{piece.role}</span>
            <code className={classes.path}>{piece.path}</code>
            <span className="figures">{bytes(piece.bytes)}</span>
            <span className={classes.hash} title={piece.sha256}>
              sha256 {piece.sha256.slice(0, 12)}…
              <Copy value={piece.sha256} what={`the hash of ${piece.path}`} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function DeleteOne({ release }: { release: Release }) {
  const [asks, setAsks] = useState(false);
  const { name, number } = release;
  return (
    <>
      <Button variant="default" size="compact-sm" aria-label={`Delete release ${number}`} onClick={() => setAsks(true)}>
        Delete…
      </Button>
      {asks && (
        <ConfirmDeletion
          title={`Delete release ${number} of ${name}`}
          asks={releaseDeletionQuery(name, number)}
          remove={() => deleteRelease(name, number)}
          close={() => setAsks(false)}
          done={() => setAsks(false)}
        >
          Its adapter and its base stay.
        </ConfirmDeletion>
      )}
    </>
  );
}


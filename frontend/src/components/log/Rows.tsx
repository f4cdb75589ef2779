import { memo, type CSSProperties } from "react";

import { bytes, plural } from "@/lib/format";

import { painted } from "./colours";
import type { Look, Span } from "./engine/ansi";
import type { LineRow, Row } from "./engine/rows";
import { marked } from "./marks";
import classes from "./Rows.module.css";
import { fileName, fileUrl, stepName, type LogSource } from "./source";

interface Props {
  rows: Row[];
  onUnfold: (key: string) => void;
  onFill: (hole: number) => void;
  source: LogSource;
  step: string | undefined;
}

export function Rows({ rows, onUnfold, onFill, source, step }: Props) {
  return rows.map((row) => {
    if (row.kind === "line") return <Line key={row.key} row={row} onUnfold={onUnfold} />;
    if (row.kind === "head") return <Head key={row.key} row={row} />;
    return <Hole key={row.key} row={row} onFill={onFill} source={source} step={step} />;
  });
}

function Line({ row, onUnfold }: { row: LineRow; onUnfold: (key: string) => void }) {
  const { states, of, found, current, number, more } = row;
  const last = states.length - 1;
  return (
    <div className={classes.line} data-row data-current={current || undefined}>
      {/* Drawn by the style sheet, so that it isn't copied with the text. */}
      <span className={classes.number} data-number={number ?? ""} />
      {of > 1 && (
        <button
          type="button"
          className={classes.fold}
          aria-expanded={states.length > 1}
          title={states.length > 1 ? "Show only the last state" : `Show all ${of} states that were written over each other`}
          onClick={() => onUnfold(row.key)}
        >
          {states.length > 1 ? "−" : `+${of - 1}`}
        </button>
      )}
      <span className={classes.text} data-text={of > 1 ? "folded" : "plain"}>
        {states.map((spans, index) => (
          <span key={index} className={classes.state}>
            <Spans spans={spans} found={index === last ? found : NONE} />
            {index === last && more > 0 && <span className={classes.more}> … {plural(more, "more character")}, see the file</span>}
          </span>
        ))}
      </span>
    </div>
  );
}

const NONE: [number, number][] = [];

const Spans = memo(function Spans({ spans, found }: { spans: Span[]; found: [number, number][] }) {
  const pieces = found.length ? marked(spans, found) : spans;
  return pieces.map((piece, index) => {
    const isFound = "found" in piece && piece.found === true;
    if (isFound) return <mark key={index}>{piece.text}</mark>;
    return piece.look ? (
      <span key={index} style={styleOf(piece.look)}>
        {piece.text}
      </span>
    ) : (
      piece.text
    );
  });
});

function styleOf({ fg, bg, bold, dim, italic, underline, strike }: Look): CSSProperties {
  const lines = [underline && "underline", strike && "line-through"].filter(Boolean).join(" ");
  return {
    ...(fg || bg ? painted(fg, bg) : {}),
    ...(bold ? { fontWeight: 700 } : {}),
    // Less contrast would be too little; the tone says it.
    ...(dim && !fg && !bg ? { color: "var(--dim)" } : {}),
    ...(italic ? { fontStyle: "italic" } : {}),
    ...(lines ? { textDecoration: lines } : {}),
  };
}

function Head({ row: { step, attempt, cut } }: { row: Extract<Row, { kind: "head" }> }) {
  return (
    <div className={classes.head} data-row>
      <span className={classes.headText}>
        {stepName(step) || "The log"}
        {attempt > 1 && <span className={classes.attempt}> · attempt {attempt}</span>}
        {cut && <span className={classes.attempt}> · the file was cut meanwhile; this is what is in it since</span>}
      </span>
    </div>
  );
}

type HoleRow = Extract<Row, { kind: "hole" }>;

function Hole({ row, onFill, source, step }: { row: HoleRow; onFill: (hole: number) => void; source: LogSource; step: string | undefined }) {
  const size = row.lines === null ? bytes(row.bytes) : `${plural(row.lines, "line")} (${bytes(row.bytes)})`;
  const file = (
    <a href={fileUrl(source, step)} download={fileName(source, step)}>
      Download the file
    </a>
  );
  return (
    <div className={classes.hole} data-row data-why={row.why}>
      <span className={classes.holeText}>
        {row.why === "earlier" && `Fetching the ${bytes(row.bytes)} before …`}
        {row.why === "full" && <>{size} before this aren’t held in view, only in the file. {file}</>}
        {row.why === "gone" && `${size} can’t be read any more.`}
        {row.why === "skipped" && (
          <>
            {size} skipped, since they came faster than this page could take them.{" "}
            <button type="button" onClick={() => onFill(row.id)}>
              Show them
            </button>
          </>
        )}
      </span>
    </div>
  );
}

import { UnstyledButton } from "@mantine/core";
import { useState } from "react";

import type { Row } from "@/client/queries/datasets";
import { count } from "@/lib/format";

import classes from "./RowView.module.css";
import { passagesOf, shapeOf, type Part } from "./rows";

/** Longer texts are cut until one asks for the rest. */
const LONG = 1_500;

/** One row as a person reads it: a chat with its turns, or its fields. */
export function RowView({ row }: { row: Row }) {
  const { turns, fields, beside } = shapeOf(row);
  return (
    <div className={classes.row}>
      {fields.map((part) => (
        <Said key={part.name} part={part} />
      ))}
      {turns?.map((part, index) => (
        <Said key={index} part={part} />
      ))}
      {beside.length > 0 && (
        <details className={classes.beside}>
          <summary>Not read by training: {beside.map(({ name }) => name).join(", ")}</summary>
          {beside.map((part) => (
            <Said key={part.name} part={part} />
          ))}
        </details>
      )}
    </div>
  );
}

function Said({ part: { name, text } }: { part: Part }) {
  return (
    <div className={classes.part} data-part={name}>
      <span className={classes.name}>{name}</span>
      <div className={classes.text}>
        {passagesOf(text).map((passage, index) => (
          <Passage key={index} text={passage.text} thought={passage.kind === "thought"} />
        ))}
      </div>
    </div>
  );
}

function Passage({ text, thought }: { text: string; thought: boolean }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > LONG;
  return (
    <div className={thought ? classes.thought : undefined} dir="auto">
      {thought && <span className={classes.thoughtName}>reasoning</span>}
      {cut ? `${text.slice(0, LONG)}…` : text}
      {cut && (
        <UnstyledButton className={classes.more} onClick={() => setWhole(true)}>
          Show all {count(text.length)} characters
        </UnstyledButton>
      )}
    </div>
  );
}

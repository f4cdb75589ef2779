import { useLayoutEffect, useRef } from "react";

import classes from "./Comparison.module.css";
import { meaning } from "./meaning";
import { chatTitle, type Column, type ComparedChat, type Difference } from "./report";
import { middleOf, rowsOf, visible, type Token } from "./tokens";

/** One chat on both sides: what the difference means, the tokens around it, and the whole texts. */
export function Comparison({ column, chat }: { column: Column; chat: ComparedChat }) {
  const served = chat.served_text ?? chat.trainer_text;
  return (
    <section className={classes.comparison} aria-label={`Chat ${chatTitle(chat.name)}`}>
      <h3 className={classes.title}>
        {chatTitle(chat.name)}{" "}
        <span className={classes.where}>
          on {column.engine} with {column.template}
          {column.unused && ", not used"}
        </span>
      </h3>
      <p className={classes.meaning}>{meaning(chat)}</p>
      {chat.first_difference && <Tokens found={chat.first_difference} />}
      {chat.trainer_text && (
        <details className={classes.texts} open={chat.equal}>
          <summary>{chat.equal ? "The text" : "Both texts as a whole"}</summary>
          {chat.served_text == null && chat.equal ? (
            <Text what="Text on both sides" text={chat.trainer_text} />
          ) : (
            <div className={classes.both}>
              <Text what={`Trained, ${chat.trainer_tokens} tokens`} text={chat.trainer_text} />
              <Text what={`Served, ${chat.served_tokens} tokens`} text={served} />
            </div>
          )}
        </details>
      )}
    </section>
  );
}

function Tokens({ found }: { found: Difference }) {
  const { trained, served } = rowsOf(found);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current) showFirst(box.current);
  }, [found]);
  const named = [...trained, ...served].some((token) => token.text !== null);
  const places = Array.from({ length: Math.max(trained.length, served.length) }, (_, at) => found.from_index + at);
  return (
    <>
      <div ref={box} className={classes.scroll} tabIndex={0} role="region" aria-label="Tokens of both sides around the first difference">
        <table className={classes.tokens}>
          <thead>
            <tr>
              <th scope="col">
                <span className="spoken">Side</span>
              </th>
              {places.map((place) => (
                <th key={place} scope="col" data-first={place === found.index || undefined}>
                  {place}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Side name="Trained" tokens={trained} places={places} first={found.index} />
            <Side name="Served" tokens={served} places={places} first={found.index} />
          </tbody>
        </table>
      </div>
      {!named && (
        <div className={classes.both}>
          <Text what="Trained, around the difference" text={found.trainer_text} />
          <Text what="Served, around the difference" text={found.served_text} />
        </div>
      )}
    </>
  );
}

/** The first token that differs comes into the middle, at once: only the strip moves, never the page. */
function showFirst(box: HTMLElement) {
  const [side, first] = [box.querySelector<HTMLElement>("tbody th"), box.querySelector<HTMLElement>("[data-first]")];
  if (side && first) box.scrollLeft = middleOf(first.offsetLeft, first.offsetWidth, box.clientWidth, side.offsetWidth);
}

function Side({ name, tokens, places, first }: { name: string; tokens: Token[]; places: number[]; first: number }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {places.map((place, at) => {
        const token = tokens[at];
        return (
          <td key={place} data-off={place >= first || undefined} data-first={place === first || undefined}>
            {token ? (
              <>
                <span className={classes.piece} dir="auto">
                  {token.text ?? "?"}
                </span>
                <span className={classes.id}>{token.id}</span>
              </>
            ) : (
              <span className={classes.none}>{place >= first ? "ends" : ""}</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}

function Text({ what, text }: { what: string; text: string }) {
  return (
    <figure className={classes.text}>
      <figcaption>{what}</figcaption>
      <pre tabIndex={0} aria-label={what}>
        {lines(text)}
      </pre>
    </figure>
  );
}

/** Whitespace can be seen, and lines still end where they do. */
function lines(text: string): string {
  return text.split("\n").map((line) => (line ? visible(line) : "")).join("⏎\n");
}

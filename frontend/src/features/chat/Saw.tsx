import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/SegmentedControl.layer.css";

import { Modal, SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { renderQuery } from "@/client/queries/chats";
import { Copy } from "@/components/Copyable";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { plural } from "@/lib/format";

import classes from "./Chat.module.css";
import type { Message } from "./conversation";
import { pieceOf, type Token } from "./tokens";

/** Tokens that are drawn at most: each is a box of its own. */
const DRAWN = 4_000;

/** The very text that an engine makes of a chat, and the tokens that it reads. */
export default function Saw({ model, messages, close }: { model: string; messages: Message[]; close: () => void }) {
  const { data, error, refetch } = useQuery(renderQuery(model, messages));
  const [as, setAs] = useState("tokens");
  const tokens = data?.tokens ?? null;
  return (
    <Modal opened onClose={close} size="min(900px, 96vw)" title={`What ${model} saw`} closeButtonProps={{ "aria-label": "Close" }}>
      {error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : data ? (
        <div className={classes.saw}>
          <div className={classes.sawBar}>
            {tokens ? (
              <SegmentedControl aria-label="Show" size="xs" value={as} onChange={setAs} data={[{ value: "tokens", label: "Tokens" }, { value: "text", label: "Text" }]} />
            ) : (
              <span className={classes.note}>Ollama doesn’t tell its tokens.</span>
            )}
            <span className={classes.note}>
              {tokens && plural(tokens.length, "token")} <Copy value={data.prompt} what="the rendered prompt" />
            </span>
          </div>
          {tokens && as === "tokens" ? (
            <Tokens tokens={tokens} />
          ) : (
            <pre className={classes.rendered} dir="auto" tabIndex={0} aria-label="Rendered prompt">
              {data.prompt}
            </pre>
          )}
          <p className={classes.note}>Rendered now by the engine itself, with what {model} stands for at present.</p>
        </div>
      ) : (
        <Skeleton height={200} />
      )}
    </Modal>
  );
}

function Tokens({ tokens }: { tokens: Token[] }) {
  return (
    <div className={classes.rendered} role="region" tabIndex={0} aria-label="Tokens">
      {tokens.slice(0, DRAWN).map((token, index) => {
        const { text, ends } = pieceOf(token);
        return (
          <span key={index}>
            <span className={classes.token} title={`token ${index}, id ${token.id}`}>
              {text}
            </span>
            {ends && <br />}
          </span>
        );
      })}
      {tokens.length > DRAWN && <p className={classes.note}>and {plural(tokens.length - DRAWN, "token")} more; the text has all of it.</p>}
    </div>
  );
}

import { ActionIcon, Anchor, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconThumbDown, IconThumbDownFilled, IconThumbUp, IconThumbUpFilled } from "@tabler/icons-react";
import { lazy, memo, Suspense, useState } from "react";

import type { Deployment } from "@/client/types";
import { Copy } from "@/components/Copyable";
import { Words } from "@/components/Words";

import classes from "./Chat.module.css";
import type { Answer, Message, Rating } from "./conversation";
import { figures, waitingFor } from "./figures";

const Markdown = lazy(() => import("./Markdown"));
const Saw = lazy(() => import("./Saw"));

interface Props {
  answer: Answer;
  model: string;
  release: number | null;
  /** What stands in the place of the model's name in a blind comparison. */
  mask: string | null;
  deployment: Deployment | undefined;
  writing: boolean;
  /** What the model was asked. */
  messages: () => Message[];
  rate: (rating: Rating | null) => void;
}

/** What one model answered, how fast, and what it was given to read. */
export const AnswerView = memo(function AnswerView(props: Props) {
  const { answer, model, release, mask, deployment, writing } = props;
  const [saw, setSaw] = useState(false);
  const name = mask ?? model;
  return (
    <div className={classes.answer} role="group" aria-label={mask ?? `Answer of ${model}`} aria-busy={writing}>
      <h2 className={classes.who} dir="auto">
        {name}
        {mask === null && release !== null && <span className={classes.note}> release {release}</span>}
      </h2>
      {answer.thinking && (
        <details className={classes.thinking}>
          <summary>Thinking</summary>
          <div dir="auto">{answer.thinking}</div>
        </details>
      )}
      {answer.text && (
        <Suspense fallback={<div className={classes.plain}>{answer.text}</div>}>
          <Markdown text={answer.text} />
        </Suspense>
      )}
      {answer.error && <Failure text={answer.error} />}
      {writing && !answer.text && <p className={classes.waiting}>{waitingFor(mask === null ? deployment : undefined, answer)}</p>}
      {!writing && (
        <div className={classes.foot}>
          <span className={classes.figures}>{mask === null ? figures(answer) : ""}</span>
          <span className={classes.tools}>
            {mask === null && (
              <Anchor component="button" type="button" size="xs" aria-label={`What the model saw: ${name}`} onClick={() => setSaw(true)}>
                What the model saw
              </Anchor>
            )}
            {answer.text && <Copy value={answer.text} what={`the answer of ${name}`} />}
            {mask === null && <Thumbs {...props} />}
          </span>
        </div>
      )}
      {saw && (
        <Suspense fallback={null}>
          <Saw model={model} messages={props.messages()} close={() => setSaw(false)} />
        </Suspense>
      )}
      <span className="spoken" role="status">
        {writing ? `${name} is answering` : answer.text ? `${name} has answered` : ""}
      </span>
    </div>
  );
});

/** A problem as the answer keeps it: title, detail and remedy, a line each. */
function Failure({ text }: { text: string }) {
  const [title = "", ...rest] = text.split("\n");
  return (
    <div role="alert" className={classes.failure}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <strong>
          <Words text={title} />
        </strong>
        {rest.map((line, index) => (
          <div key={index}>
            <Words text={line} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Thumbs({ answer, model, rate }: Props) {
  const { rating } = answer;
  return (
    <>
      <Thumb label={`Good answer of ${model}`} pressed={rating === "up"} onClick={() => rate(rating === "up" ? null : "up")} icons={[IconThumbUp, IconThumbUpFilled]} />
      <Thumb label={`Bad answer of ${model}`} pressed={rating === "down"} onClick={() => rate(rating === "down" ? null : "down")} icons={[IconThumbDown, IconThumbDownFilled]} />
    </>
  );
}

function Thumb({ label, pressed, onClick, icons }: { label: string; pressed: boolean; onClick: () => void; icons: [typeof IconThumbUp, typeof IconThumbUp] }) {
  const Icon = icons[pressed ? 1 : 0];
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color={pressed ? undefined : "gray"} size="sm" aria-label={label} aria-pressed={pressed} onClick={onClick}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

import { ActionIcon, Button, Group, Textarea, Tooltip } from "@mantine/core";
import { IconPencil, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";

import type { Deployment } from "@/client/types";
import { Copy } from "@/components/Copyable";

import { AnswerView } from "./AnswerView";
import classes from "./Chat.module.css";
import { isJudged, isSwapped, messagesOf, preferred, type Conversation, type Turn } from "./conversation";
import type { ChatSession } from "./session";
import { useFocus } from "./useFocus";

interface Props {
  session: ChatSession;
  conversation: Conversation;
  turn: Turn;
  place: number;
  /** The chat's, which decides in which order a blind comparison shows the answers. */
  id: string;
  writing: readonly number[];
  served: Deployment[];
  blind: boolean;
  again: (prompt: string) => void;
}

/** A question, and what each model answered. */
export function TurnView(props: Props) {
  const { session, conversation, turn, place, id, writing, served, blind } = props;
  const hidden = blind && turn.answers.length > 1 && !isJudged(turn);
  const columns = turn.answers.map((_, column) => column);
  const shown = blind && turn.answers.length > 1 && isSwapped(id, place) ? columns.toReversed() : columns;
  return (
    <article className={classes.turn} aria-label={`Question ${place + 1}`}>
      <Prompt {...props} />
      <div className={classes.answers} data-two={turn.answers.length > 1 || undefined}>
        {shown.map((column, at) => {
          const answer = turn.answers[column];
          const pane = answer && conversation.panes[answer.pane];
          return (
            answer && (
              <AnswerView
                key={column}
                answer={answer}
                model={pane?.model ?? ""}
                release={pane?.release ?? null}
                mask={hidden ? `Answer ${"AB"[at] ?? at + 1}` : null}
                deployment={served.find((each) => each.name === pane?.model)}
                writing={writing.includes(column)}
                messages={() => messagesOf(conversation.system, conversation.turns.slice(0, place), column, turn.prompt)}
                rate={(rating) => session.rate(place, column, rating)}
              />
            )
          );
        })}
      </div>
      {hidden && writing.length === 0 && <Verdict judge={(at) => session.judge(place, preferred(turn.answers, at === null ? null : (shown[at] ?? null)))} />}
    </article>
  );
}

/** Which answer is better, while nobody knows whose it is. */
function Verdict({ judge }: { judge: (at: number | null) => void }) {
  return (
    <Group gap="xs" justify="center" role="group" aria-label="Which answer is better?">
      <Button variant="default" size="compact-sm" onClick={() => judge(0)}>
        A is better
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => judge(null)}>
        Neither
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => judge(1)}>
        B is better
      </Button>
    </Group>
  );
}

function Prompt({ turn, conversation, place, writing, again }: Props) {
  const [edits, setEdits] = useState(false);
  const busy = writing.length > 0;
  if (edits) {
    return (
      <Editor
        prompt={turn.prompt}
        last={place === conversation.turns.length - 1}
        ask={(prompt) => {
          setEdits(false);
          again(prompt);
        }}
        leave={() => setEdits(false)}
      />
    );
  }
  return (
    <div className={classes.prompt}>
      <div className={classes.promptText} dir="auto">
        {turn.prompt}
      </div>
      <div className={classes.tools}>
        <Copy value={turn.prompt} what="the question" />
        <Tool label="Edit and ask again" disabled={busy} onClick={() => setEdits(true)}>
          <IconPencil size={16} aria-hidden />
        </Tool>
        <Tool label="Ask again" disabled={busy} onClick={() => again(turn.prompt)}>
          <IconRefresh size={16} aria-hidden />
        </Tool>
      </div>
    </div>
  );
}

function Editor({ prompt, last, ask, leave }: { prompt: string; last: boolean; ask: (prompt: string) => void; leave: () => void }) {
  const [typed, setTyped] = useState(prompt);
  const field = useFocus<HTMLTextAreaElement>();
  const can = typed.trim() !== "";
  return (
    <div className={classes.editing}>
      <Textarea
        ref={field}
        aria-label="Question"
        autosize
        minRows={1}
        maxRows={12}
        dir="auto"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") leave();
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          if (can) ask(typed);
        }}
      />
      <Group gap="xs">
        <Button size="compact-sm" disabled={!can} onClick={() => ask(typed)}>
          Ask again
        </Button>
        <Button size="compact-sm" variant="default" onClick={leave}>
          Leave it
        </Button>
        {!last && <span className={classes.note}>It is asked in a chat of its own; this one stays as it is.</span>}
      </Group>
    </div>
  );
}

function Tool({ label, disabled, onClick, children }: { label: string; disabled: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import type { Deployment } from "@/client/types";
import { Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import type { FormDraft } from "@/components/useDraft";
import { plural } from "@/lib/format";

import classes from "./Chat.module.css";
import { Composer } from "./Composer";
import { score } from "./conversation";
import { useChat, willBe } from "./current";
import type { ChatForm } from "./form";
import { HistoryButton } from "./HistoryButton";
import { paneOf, type Models } from "./models";
import { Pickers } from "./Pickers";
import type { Asked, ChatSession } from "./session";
import { parametersOf, typedOf, unheard, type Typed } from "./settings";
import { Said, Settings } from "./Settings";
import { TurnView } from "./TurnView";
import { useStick } from "./useStick";

interface Props {
  session: ChatSession;
  served: Deployment[];
  models: Models;
  choose: (models: Models) => void;
  draft: FormDraft<ChatForm>;
}

/** A chat: who answers, what was said, and what is said next. */
export function Room({ session, served, models, choose, draft }: Props) {
  const navigate = useNavigate({ from: "/chat" });
  const { conversation, writing, unkept, id } = useChat(session);
  const { typed, system, set } = useSettings(session, draft);
  const { blind } = draft.value;
  const { box, follow } = useStick(conversation.turns);
  const columns = [models.left, models.right].filter((each) => each !== undefined);
  const missing = columns.filter((name) => !served.some((each) => each.name === name));

  const asked = (prompt: string): Asked => ({
    prompt,
    panes: columns.map((name) => paneOf(name, served)),
    system,
    parameters: parametersOf(typed),
  });
  const go = (to: string) => {
    follow();
    willBe(to);
    void navigate({ search: { chat: to, ...models }, replace: to === id || id === null });
  };
  useStopKey(session, writing.length > 0);
  return (
    <Page
      full
      title={conversation.title || "Chat"}
      actions={
        <>
          {conversation.turns.length > 0 && (
            <Button variant="default" className={classes.act} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => void navigate({ search: models })}>
              New chat
            </Button>
          )}
          <HistoryButton session={session} />
          <Settings typed={typed} system={system} set={set} blind={blind} setBlind={(next) => draft.set({ blind: next })} models={columns.map((name) => served.find((each) => each.name === name))} />
        </>
      }
    >
      <div className={classes.bar}>
        <Pickers served={served} models={models} choose={choose} />
        <Said typed={typed} system={system} blind={blind && columns.length > 1} deaf={deaf(served, columns, typed)} />
      </div>
      {unkept !== null && <ProblemAlert error={unkept} />}
      <div ref={box} className={classes.turns} role="region" aria-label="Conversation" tabIndex={0}>
        {conversation.turns.length === 0 && <Opening models={columns} />}
        {conversation.turns.map((turn, place) => (
          <TurnView
            key={place}
            session={session}
            conversation={conversation}
            turn={turn}
            place={place}
            id={id ?? ""}
            writing={place === conversation.turns.length - 1 ? writing : NONE}
            served={served}
            blind={blind}
            again={(prompt) => go(session.again(place, asked(prompt)))}
          />
        ))}
        <Score conversation={conversation} />
      </div>
      <Composer
        text={draft.value.text}
        type={(text) => draft.set({ text })}
        writing={writing.length > 0}
        hindrance={hindrance(columns, missing)}
        send={(prompt) => {
          go(session.ask(asked(prompt)));
          draft.set({ text: "" });
        }}
        stop={() => session.stop()}
      />
    </Page>
  );
}

const NONE: readonly number[] = [];

/** A chat that was opened goes on as it was held; a new one as the form was left. */
function useSettings(session: ChatSession, draft: FormDraft<ChatForm>) {
  const [own, setOwn] = useState(() => {
    const { conversation } = session.snapshot();
    return conversation.turns.length ? { typed: typedOf(conversation.parameters), system: conversation.system } : null;
  });
  const shown = own ?? draft.value;
  const set = (next: { typed?: Typed; system?: string }) => {
    if (own) setOwn({ ...own, ...next });
    draft.set(next);
  };
  return { typed: shown.typed, system: shown.system, set };
}

function useStopKey(session: ChatSession, writes: boolean): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // What lies over the page takes the key first.
      if (event.key === "Escape" && !event.defaultPrevented && !isCovered()) session.stop();
    };
    if (writes) window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [session, writes]);
}

function isCovered(): boolean {
  // Closed lists stay in the document, not drawn.
  return [...document.querySelectorAll("[role=dialog], [role=listbox], [role=menu]")].some((each) => each.checkVisibility());
}

function Opening({ models }: { models: string[] }) {
  return (
    <div className={classes.opening}>
      <p>{models.length > 1 ? "One question, two answers side by side." : "Ask it something."}</p>
      <p>Enter sends, Shift and Enter makes a new line, Esc stops an answer.</p>
    </div>
  );
}

/** How often each model was preferred. */
function Score({ conversation }: { conversation: Parameters<typeof score>[0] }) {
  const counted = score(conversation).filter((each) => each.up + each.down > 0);
  if (counted.length < 2) return null;
  return (
    <p className={classes.score}>
      {counted.map(({ model, up }) => `${model}: preferred ${plural(up, "time")}`).join(" · ")}
    </p>
  );
}

function hindrance(columns: readonly string[], missing: readonly string[]): string | null {
  if (columns.length === 0) return "Choose a model.";
  return missing.length ? `${missing.join(" and ")} ${missing.length > 1 ? "aren't" : "isn't"} served any more. Choose another model.` : null;
}

/** Settings that one of the models doesn't hear. */
function deaf(served: readonly Deployment[], columns: readonly string[], typed: Typed): string | null {
  const onOllama = columns.filter((name) => served.find((each) => each.name === name)?.engine === "ollama");
  const lost = unheard(typed);
  return onOllama.length && lost.length ? `${onOllama.join(" and ")} on Ollama: it takes no ${lost.join(" and no ")} here.` : null;
}

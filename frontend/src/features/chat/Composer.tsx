import { Button, Textarea } from "@mantine/core";
import { IconPlayerStopFilled, IconSend2 } from "@tabler/icons-react";
import { useEffect, useRef, type KeyboardEvent } from "react";

import classes from "./Chat.module.css";

interface Props {
  text: string;
  type: (text: string) => void;
  writing: boolean;
  /** Why nothing can be asked now. */
  hindrance: string | null;
  send: (prompt: string) => void;
  stop: () => void;
}

/** The next question. It may be typed while an answer is being written. */
export function Composer({ text, type, writing, hindrance, send, stop }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const can = text.trim() !== "" && !writing && hindrance === null;
  // A phone's keyboard would cover what the page is about.
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches) field.current?.focus({ preventScroll: true });
  }, []);
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (can) send(text);
  };
  return (
    <div className={classes.composer}>
      <Textarea
        ref={field}
        className={classes.question}
        aria-label="Question"
        placeholder="Ask something"
        autosize
        minRows={1}
        maxRows={8}
        dir="auto"
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      {writing ? (
        <Button variant="default" leftSection={<IconPlayerStopFilled size={16} aria-hidden />} onClick={stop}>
          Stop
        </Button>
      ) : (
        <Button leftSection={<IconSend2 size={16} aria-hidden />} disabled={!can} onClick={() => send(text)}>
          Send
        </Button>
      )}
      {hindrance && <p className={classes.hindrance}>{hindrance}</p>}
    </div>
  );
}

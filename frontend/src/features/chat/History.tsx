import "@mantine/core/styles/Drawer.layer.css";
import "@mantine/core/styles/Input.layer.css";

import { ActionIcon, Button, CloseButton, Drawer, Group, Modal, Skeleton, Stack, TextInput } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";

import { chatsQuery, deleteChat, keepChat, readChat } from "@/client/queries/chats";
import type { ChatSummary } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { Time } from "@/components/Time";
import { plural } from "@/lib/format";

import classes from "./Chat.module.css";
import { useChat } from "./current";
import type { ChatSession } from "./session";
import { useFocus } from "./useFocus";

interface Props {
  /** The chat that is on the page. */
  session: ChatSession;
  close: () => void;
}

/** Earlier chats: found, opened, named, deleted. */
export function History({ session, close }: Props) {
  return (
    <Drawer.Root opened onClose={close} position="right" size="min(420px, 100vw)">
      <Drawer.Overlay />
      <Drawer.Content aria-label="History">
        <Drawer.Body className={classes.drawer}>
          {/* Mantine's own header would be a second banner of the page. */}
          <Group justify="space-between">
            <h2 className={classes.drawerTitle}>History</h2>
            <CloseButton aria-label="Close" onClick={close} />
          </Group>
          <Found session={session} close={close} />
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function Found({ session, close }: Props) {
  const { id: open } = useChat(session);
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed);
  const { data, error, refetch } = useQuery(chatsQuery(q));
  return (
    <Stack gap="sm">
      <TextInput
        type="search"
        aria-label="Search chats"
        placeholder="Search in titles, models and questions"
        value={typed}
        data-autofocus
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton height={200} />
      ) : data.length === 0 ? (
        <p className={classes.note}>{typed ? "No chat holds this." : "No chat was kept yet. Each one is, from its first question on."}</p>
      ) : (
        <ul className={classes.chats}>
          {data.map((chat) => (
            <Entry key={chat.id} chat={chat} isOpen={chat.id === open} session={session} close={close} />
          ))}
        </ul>
      )}
    </Stack>
  );
}

function Entry({ chat, isOpen, session, close }: { chat: ChatSummary; isOpen: boolean } & Pick<Props, "session" | "close">) {
  const [does, setDoes] = useState<"rename" | "delete" | null>(null);
  return (
    <li className={classes.chat} data-open={isOpen || undefined}>
      {does === "rename" ? (
        <Rename chat={chat} session={isOpen ? session : null} done={() => setDoes(null)} />
      ) : (
        <>
          <Link to="/chat" search={{ chat: chat.id }} className={classes.chatLink} aria-current={isOpen ? "page" : undefined} onClick={close}>
            <span className={classes.chatTitle} dir="auto">
              {chat.title || "Chat"}
            </span>
            <span className={classes.note}>
              {chat.models.join(", ")} · {plural(chat.messages, "message")} · <Time at={chat.updated_at} />
            </span>
          </Link>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Rename ${chat.title}`} onClick={() => setDoes("rename")}>
            <IconPencil size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Delete ${chat.title}`} onClick={() => setDoes("delete")}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </>
      )}
      {does === "delete" && <Delete chat={chat} isOpen={isOpen} close={() => setDoes(null)} />}
    </li>
  );
}

function Rename({ chat, session, done }: { chat: ChatSummary; session: ChatSession | null; done: () => void }) {
  const cache = useQueryClient();
  const [title, setTitle] = useState(chat.title);
  const field = useFocus<HTMLInputElement>();
  const rename = useMutation({
    // The chat on the page keeps itself; another one is read and kept under its new name.
    mutationFn: async () => {
      if (session) session.rename(title.trim());
      await keepChat(chat.id, { ...(await readChat(chat.id)), title: title.trim() });
    },
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["chats", "list"] });
      done();
    },
  });
  return (
    <form
      className={classes.rename}
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim()) rename.mutate();
      }}
    >
      <TextInput aria-label="Title" value={title} maxLength={300} ref={field} dir="auto" onChange={(event) => setTitle(event.currentTarget.value)} />
      {rename.error && <ProblemAlert error={rename.error} />}
      <Group gap="xs">
        <Button type="submit" size="compact-sm" disabled={!title.trim()} loading={rename.isPending}>
          Rename
        </Button>
        <Button size="compact-sm" variant="default" onClick={done}>
          Leave it
        </Button>
      </Group>
    </form>
  );
}

function Delete({ chat, isOpen, close }: { chat: ChatSummary; isOpen: boolean; close: () => void }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteChat(chat.id),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["chats", "list"] });
      close();
      if (isOpen) await navigate({ to: "/chat", search: { left: chat.models[0], right: chat.models[1] } });
    },
  });
  return (
    <Modal opened onClose={close} title="Delete this chat" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <p style={{ margin: 0, overflowWrap: "anywhere" }}>
          Deletes “{chat.title}” with {plural(chat.messages, "message")}. It can’t be brought back.
        </p>
        {remove.error && <ProblemAlert error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={close}>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

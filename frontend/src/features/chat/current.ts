import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

import { keepChat, readChat } from "@/client/queries/chats";

import { fromStored, type Conversation } from "./conversation";
import { ChatSession, type Session } from "./session";

/** The chat of this page. Its answer goes on while another page is open. */
let current = new ChatSession(keepChat);
/** A chat that was asked something just now: the address doesn't name it yet. */
let unnamed: string | null = null;
const listeners = new Set<() => void>();

export function currentId(): string | null {
  return current.snapshot().id;
}

/** The address is about to name this chat. */
export function willBe(id: string): void {
  unnamed = id;
}

/** A chat in the place of the one before, whose answer ends. */
function open(stored: { id: string; conversation: Conversation } | null): void {
  current.stop();
  current.flush();
  current = new ChatSession(keepChat, stored);
  unnamed = null;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The chat that the address names, read where it isn't at hand; without one a chat in which nothing was asked. */
export function useSession(id: string | undefined): { session: ChatSession | null; error: unknown; retry: () => void } {
  const session = useSyncExternalStore(subscribe, () => current);
  const at = useSyncExternalStore(session.subscribe, () => session.snapshot().id);
  const fits = at === (id ?? unnamed);
  const { data, error, refetch } = useQuery({
    queryKey: ["chats", "one", id],
    queryFn: () => readChat(id ?? ""),
    enabled: id !== undefined && !fits,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  useEffect(() => {
    if (id !== undefined && id === unnamed) unnamed = null;
    if (fits) return;
    if (id === undefined) open(null);
    else if (data?.id === id) open({ id, conversation: fromStored(data) });
  }, [fits, id, data]);
  return { session: fits ? session : null, error: fits ? null : error, retry: () => void refetch() };
}

/** The state of a chat, told anew as it changes. The browser asks before it closes the page while an answer is being written. */
export function useChat(session: ChatSession): Session {
  const state = useSyncExternalStore(session.subscribe, session.snapshot);
  const writes = state.writing.length > 0;
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    if (writes) window.addEventListener("beforeunload", leaving);
    return () => window.removeEventListener("beforeunload", leaving);
  }, [writes]);
  useEffect(() => {
    const gone = () => session.flush();
    window.addEventListener("pagehide", gone);
    return () => window.removeEventListener("pagehide", gone);
  }, [session]);
  return state;
}

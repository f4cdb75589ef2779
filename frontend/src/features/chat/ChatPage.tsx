import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate, useSearch } from "@tanstack/react-router";

import { deploymentsQuery } from "@/client/queries/lists";
import type { Deployment } from "@/client/types";
import { Empty } from "@/components/Empty";
import { NextStep } from "@/components/NextStep";
import { Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { useDraft } from "@/components/useDraft";

import { currentId, useChat, useSession } from "./current";
import { NEW, parseForm } from "./form";
import { HistoryButton } from "./HistoryButton";
import { modelsAt, type Models } from "./models";
import { Room } from "./Room";
import type { ChatSession } from "./session";

/** One question to two models, or to one. */
export function ChatPage() {
  const search = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  const served = useQuery(deploymentsQuery);
  const { session, error, retry } = useSession(search.chat);
  const resumes = !search.chat && !search.left && !search.right ? currentId() : null;
  if (resumes !== null) return <Navigate to="/chat" search={{ chat: resumes }} replace />;
  const unserved = served.data ? null : served.error;
  if (unserved ?? error) {
    const again = unserved ? () => void served.refetch() : retry;
    return (
      <Page title="Chat">
        <ProblemAlert
          error={unserved ?? error}
          retry={again}
          action={
            <Button size="compact-sm" onClick={() => void navigate({ search: {} })}>
              New chat
            </Button>
          }
        />
      </Page>
    );
  }
  if (!served.data || !session) {
    return (
      <Page title="Chat" full>
        <Skeleton height={56} />
        <Skeleton style={{ flex: 1 }} />
      </Page>
    );
  }
  return <Held session={session} served={served.data} />;
}

function Held({ session, served }: { session: ChatSession; served: Deployment[] }) {
  const search = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  const draft = useDraft("chat", NEW, parseForm);
  const { conversation } = useChat(session);
  const models = modelsAt(search, conversation, draft.value, served);
  if (served.length === 0 && conversation.turns.length === 0) return <NothingServed session={session} />;

  const choose = (next: Models) => {
    draft.set({ left: next.left, right: next.right });
    void navigate({ search: { chat: search.chat, ...next }, replace: true });
  };
  return <Room key={session.key} session={session} served={served} models={models} choose={choose} draft={draft} />;
}

function NothingServed({ session }: { session: ChatSession }) {
  return (
    <Page title="Chat" actions={<HistoryButton session={session} />}>
      <Empty
        title="No model is served yet"
        action={<NextStep />}
      >
        A release brings its base along, so that the two can be compared here. Models that were made with Ollama by hand can be talked to
        as well.
      </Empty>
    </Page>
  );
}

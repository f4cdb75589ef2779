import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { Page } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

export function LostPage() {
  return (
    <Page title="There is no such page">
      <p>
        Nothing is at <code>{location.pathname}</code>. <Link to="/">Home</Link> leads to everything there is.
      </p>
    </Page>
  );
}

/** An error in drawing a page: the rest of the dashboard goes on. */
export function BrokenPage({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Page title="This page broke">
      <ProblemAlert
        error={error}
        retry={reset}
        action={
          <Button size="compact-sm" onClick={() => location.reload()}>
            Reload
          </Button>
        }
      />
    </Page>
  );
}

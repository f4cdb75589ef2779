import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { Section } from "@/components/page/Page";

import type { SystemSearch } from "./search";
import classes from "./System.module.css";

const LogView = lazy(() => import("@/components/log/LogView").then((module) => ({ default: module.LogView })));

/** What the orchestrator was asked, by whom, and what became of it. */
export function OwnLog() {
  const { log, find }: SystemSearch = useSearch({ from: "/system" });
  const navigate = useNavigate({ from: "/system" });
  const go = (more: Partial<SystemSearch>) =>
    void navigate({ search: (before: SystemSearch) => ({ ...before, ...more }), replace: true, resetScroll: false });
  const toggle = (
    <Button
      size="compact-sm"
      variant="default"
      aria-expanded={Boolean(log)}
      onClick={() => go({ log: log ? undefined : true, find: undefined })}
    >
      {log ? "Close the log" : "Open the log"}
    </Button>
  );
  return (
    <Section title="Log of the orchestrator" aside={toggle}>
      <p className={classes.dim}>
        Every request and what was done for it, without its secrets; incidents of errors are found by their number.
      </p>
      {log && (
        <div className={classes.log}>
          <Suspense fallback={null}>
            <LogView
              source={{ of: "service", name: "orchestrator" }}
              label="Log of the orchestrator"
              find={find}
              onFind={(text) => go({ find: text })}
            />
          </Suspense>
        </div>
      )}
    </Section>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { isFailing, useFailing } from "@/client/queries/failing";
import { streams } from "@/client/stream/connect";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import classes from "./FromBefore.module.css";

/** Says that the page shows what was known before, because asking again failed. While Tunesmith is away the banner says it. */
export function FromBefore() {
  const client = useQueryClient();
  const link = streams();
  const { standing } = useSyncExternalStore(link.subscribeStanding, link.standing);
  const failing = useFailing();
  if (!failing || standing !== "open") return null;
  return (
    <section className={classes.box} aria-label="What is from before">
      <p className={classes.what}>Some of this page is what was known before: asking for it again failed.</p>
      <ProblemAlert error={failing.error} retry={() => void client.refetchQueries({ type: "active", predicate: isFailing })} />
    </section>
  );
}

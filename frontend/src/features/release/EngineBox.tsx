import type { Deployment } from "@/client/types";
import { ServingBadge } from "@/components/state/State";
import { Time } from "@/components/Time";
import { bytes, count, plural } from "@/lib/format";

import classes from "./ServedPage.module.css";

/** What is true now of the engine behind a name. */
export function EngineBox({ deployment }: { deployment: Deployment }) {
  const { usage } = deployment;
  return (
    <dl className={classes.engine}>
      <dt>Engine</dt>
      <dd>{deployment.engine}</dd>
      <dt>State</dt>
      <dd>
        <ServingBadge state={deployment.state} />
        {deployment.detail && <div>{deployment.detail}</div>}
      </dd>
      {deployment.bytes != null && (
        <>
          <dt>Size there</dt>
          <dd>{bytes(deployment.bytes)}</dd>
        </>
      )}
      <dt>Answers now</dt>
      <dd>{count(deployment.in_flight)}</dd>
      <dt>Asked</dt>
      <dd>
        {plural(usage.requests, "time")}
        {usage.last_at ? (
          <>
            , last <Time at={usage.last_at} />
          </>
        ) : (
          <>
            , counted since <Time at={usage.since} />
          </>
        )}
      </dd>
      <dt>Tokens</dt>
      <dd>
        {count(usage.prompt_tokens)} read, {count(usage.completion_tokens)} written
      </dd>
      {deployment.restarts > 0 && (
        <>
          <dt>Ended by itself</dt>
          <dd>{plural(deployment.restarts, "time")}</dd>
        </>
      )}
    </dl>
  );
}

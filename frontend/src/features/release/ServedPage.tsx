import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { isGone } from "@/client/problem";
import { deploymentsQuery } from "@/client/queries/lists";
import { deleteRelease, releaseDeletionQuery, servedQuery } from "@/client/queries/releases";
import type { Deployment, Served } from "@/client/types";
import { UseFromCode } from "@/components/code/UseFromCode";
import { ConfirmDeletion } from "@/components/deletion/ConfirmDeletion";
import { LinkButton } from "@/components/LinkButton";
import { LeadLoading, Page, Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { ServingBadge } from "@/components/state/State";
import { plural } from "@/lib/format";

import { EngineBox } from "./EngineBox";
import { EngineSwitch } from "./EngineSwitch";
import { RollBack } from "./RollBack";
import { before } from "./served";
import classes from "./ServedPage.module.css";
import { Timeline } from "./Timeline";

/** One served name: what it stands for, what it stood for, and how to use it. */
export function ServedPage() {
  const { name } = useParams({ from: "/release/$name" });
  const { data, error, refetch } = useQuery(servedQuery(name));
  const deployments = useQuery(deploymentsQuery);
  if (error && (!data || isGone(error))) {
    return (
      <Page title={name}>
        <ProblemAlert error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title={name} lead={<LeadLoading />}>
        <Skeleton height={320} />
      </Page>
    );
  }
  return <Known served={data} deployments={deployments.data ?? []} />;
}

function Known({ served, deployments }: { served: Served; deployments: Deployment[] }) {
  const { name, current } = served;
  const deployment = deployments.find((each) => each.name === name);
  return (
    <Page
      title={name}
      lead={
        <span className={classes.lead}>
          {deployment && <ServingBadge state={deployment.state} />}
          {current === null ? "It stands for no release now." : `Stands for release ${current} of ${plural(served.releases.length, "release")}.`}
        </span>
      }
      actions={<Actions served={served} deployment={deployment} deployments={deployments} />}
    >
      <div className={classes.columns}>
        <Section title="Releases">
          <Timeline served={served} />
        </Section>
        <div className={classes.side}>
          {deployment && (
            <Section title="Engine">
              <EngineBox deployment={deployment} />
            </Section>
          )}
          <Section title="Use it from code">
            <UseFromCode model={name} />
          </Section>
        </div>
      </div>
    </Page>
  );
}

function Actions({ served, deployment, deployments }: { served: Served; deployment?: Deployment; deployments: Deployment[] }) {
  const navigate = useNavigate();
  const [deletes, setDeletes] = useState(false);
  const earlier = before(served);
  return (
    <>
      {served.current !== null && (
        <LinkButton to="/chat" search={{ left: baseOf(served, deployments), right: served.name }}>
          Talk to it
        </LinkButton>
      )}
      {earlier && <RollBack release={earlier} current={served.current} />}
      {deployment && <EngineSwitch deployment={deployment} all={deployments} />}
      <Button variant="default" onClick={() => setDeletes(true)}>
        Delete…
      </Button>
      {deletes && (
        <ConfirmDeletion
          title={`Delete ${served.name}`}
          asks={releaseDeletionQuery(served.name)}
          remove={() => deleteRelease(served.name)}
          close={() => setDeletes(false)}
          done={() => void navigate({ to: "/release" })}
        >
          Its adapter and its base stay, so that it can be released again.
        </ConfirmDeletion>
      )}
    </>
  );
}

/** The served name of the base itself, to compare with; undefined when it isn't served. */
function baseOf(served: Served, deployments: readonly Deployment[]): string | undefined {
  const base = served.releases.find((each) => each.number === served.current)?.base.split("/").at(-1);
  return deployments.find((each) => each.release === null && each.name === base)?.name;
}

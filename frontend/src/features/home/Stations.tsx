import { Skeleton } from "@mantine/core";
import {
  IconActivity,
  IconBox,
  IconDatabase,
  IconExternalLink,
  IconMessages,
  IconRocket,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { liveJobs } from "@/client/queries/jobs";
import {
  artifactsQuery,
  datasetsQuery,
  deploymentsQuery,
  releasesQuery,
  runsQuery,
  servicesQuery,
} from "@/client/queries/lists";
import type { Service } from "@/client/types";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { webAddress } from "@/lib/address";
import { UNKNOWN } from "@/lib/format";

import classes from "./Home.module.css";
import { StationAction } from "./StationAction";
import { factsOf, isNew, nextOf, STATIONS, type Known, type StationName } from "./stations";

interface Sign {
  to: "/data" | "/runs" | "/models" | "/release" | "/chat";
  label: string;
  icon: TablerIcon;
  /** What happens here, said while nothing is in it. */
  teaches: string;
  /** Services with pages of their own that do this part of the work. */
  tools: readonly string[];
}

const SIGNS: Record<StationName, Sign> = {
  data: {
    to: "/data",
    label: "Data",
    icon: IconDatabase,
    teaches: "Questions with the answers you want: the rows from which a model learns.",
    tools: ["easy-dataset"],
  },
  runs: {
    to: "/runs",
    label: "Runs",
    icon: IconActivity,
    teaches: "A training turns rows into an adapter: what your base model learns.",
    tools: ["llamafactory", "tensorboard"],
  },
  models: {
    to: "/models",
    label: "Models",
    icon: IconBox,
    teaches: "A base model is what you tune. The starter is small enough to be tuned on any laptop.",
    tools: [],
  },
  release: {
    to: "/release",
    label: "Release",
    icon: IconRocket,
    teaches: "A release checks an adapter against its training, token by token, and serves it under a name.",
    tools: [],
  },
  chat: {
    to: "/chat",
    label: "Chat",
    icon: IconMessages,
    teaches: "Ask your model and its base the same question, side by side.",
    tools: ["llama-cpp"],
  },
};

/** The way of the work, with what is at each station and what to do next. */
export function Stations() {
  const { known, services, error, retry } = useKnown();
  const failed = error !== null;
  const next = nextOf(known);
  return (
    <Section title="What next?">
      {error && <ProblemAlert error={error} retry={retry} />}
      <ol className={classes.stations}>
        {STATIONS.map((name) => (
          <Station key={name} name={name} known={known} services={services} next={name === next} failed={failed} />
        ))}
      </ol>
    </Section>
  );
}

function useKnown(): { known: Known; services: Service[]; error: Error | null; retry: () => void } {
  const [datasets, runs, artifacts, releases, deployments, services, jobs] = useQueries({
    queries: [datasetsQuery, runsQuery, artifactsQuery, releasesQuery, deploymentsQuery, servicesQuery, liveJobs],
  });
  const asked = [datasets, runs, artifacts, releases, deployments];
  return {
    known: {
      datasets: datasets.data?.datasets,
      runs: runs.data?.runs,
      artifacts: artifacts.data?.artifacts,
      releases: releases.data,
      deployments: deployments.data,
      jobs: jobs.data,
    },
    services: services.data?.services ?? [],
    error: asked.find(({ data, error }) => error && !data)?.error ?? null,
    retry: () => asked.forEach((each) => each.error && void each.refetch()),
  };
}

interface Props {
  name: StationName;
  known: Known;
  services: Service[];
  next: boolean;
  /** Some list couldn't be had; what isn't known won't come by itself. */
  failed: boolean;
}

function Station({ name, known, services, next, failed }: Props) {
  const { to, label, icon: Icon, teaches, tools } = SIGNS[name];
  const facts = factsOf(name, known);
  return (
    <li className={classes.station} data-next={next || undefined}>
      <h3 className={classes.stationTitle}>
        <Icon size={20} stroke={1.6} aria-hidden />
        <Link to={to} className={classes.stationLink}>
          {label}
        </Link>
        {next && <span className={classes.next}>{isNew(known) ? "Begin here" : "Next"}</span>}
      </h3>
      <div className={classes.facts}>
        {facts === null && (failed ? UNKNOWN : <Skeleton height={16} mt={3} width="70%" />)}
        {facts && (facts.length ? <FactList facts={facts} /> : teaches)}
      </div>
      <Tools services={services.filter((each) => tools.includes(each.name))} />
      <StationAction station={name} known={known} next={next} />
    </li>
  );
}

function FactList({ facts }: { facts: string[] }) {
  return (
    <ul className={classes.factList}>
      {facts.map((fact) => (
        <li key={fact} className="figures">
          {fact}
        </li>
      ))}
    </ul>
  );
}

function Tools({ services }: { services: Service[] }) {
  const open = services.flatMap((each) => {
    const page = webAddress(each.page);
    return page ? [{ title: each.title || each.name, page }] : [];
  });
  if (open.length === 0) return null;
  return (
    <div className={classes.tools}>
      {open.map(({ title, page }) => (
        <a key={page} href={page} target="_blank" rel="noreferrer" className={classes.open}>
          Open {title}
          <span className="spoken">, in a new tab</span>
          <IconExternalLink size={14} aria-hidden />
        </a>
      ))}
    </div>
  );
}

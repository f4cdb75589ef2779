import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { systemQuery } from "@/client/queries/lists";
import { Copy } from "@/components/Copyable";
import { Section } from "@/components/page/Page";
import { Time } from "@/components/Time";

import classes from "./System.module.css";

/** What runs, by version. */
export function Versions() {
  const { data } = useQuery(systemQuery);
  if (!data) {
    return (
      <Section title="Versions">
        <Skeleton height={160} />
      </Section>
    );
  }
  const versions = Object.entries(data.versions);
  const report = versions.map(([name, version]) => `${name} ${version}`).join("\n");
  return (
    <Section title="Versions" aside={<Copy value={report} what="the versions" />}>
      <dl className={classes.versions}>
        {versions.map(([name, version]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figures">{version}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.dim}>
        The orchestrator is process {data.pid}, started <Time at={data.started_at} />.
      </p>
    </Section>
  );
}

import { Button, Skeleton } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { runConfigQuery } from "@/client/queries/runs";
import { Code } from "@/components/Copyable";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import { download } from "../download";
import classes from "./Kept.module.css";

/** What the run was trained with, as a file that trains it again. */
export function Settings({ name, outside }: { name: string; outside: boolean }) {
  const { data, error, refetch } = useQuery(runConfigQuery(name));
  return (
    <Section
      title="Settings"
      aside={
        data?.text && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => download(`${name.replaceAll("/", "-")}.yaml`, data.text)}
          >
            Download
          </Button>
        )
      }
    >
      {error && !data && <ProblemAlert error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={160} />}
      {data &&
        (data.text ? (
          <>
            {outside && <p className={classes.none}>In LLaMA-Factory’s own keys, as it was started.</p>}
            <Code text={data.text} what="settings as YAML" />
          </>
        ) : (
          <p className={classes.none}>Nothing says what it was trained with.</p>
        ))}
    </Section>
  );
}

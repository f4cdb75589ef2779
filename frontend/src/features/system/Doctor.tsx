import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown, IconCircleCheck, IconCircleX, type TablerIcon } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { call, jobIn } from "@/client/call";
import { liveJobs } from "@/client/queries/jobs";
import { doctorQuery, toolboxesQuery } from "@/client/queries/lists";
import type { Finding } from "@/client/types";
import { Section } from "@/components/page/Page";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { Words } from "@/components/Words";
import { plural } from "@/lib/format";

import { JobNote } from "./JobNote";
import { jobOfCall } from "./toolboxes";
import classes from "./System.module.css";

const LOOKS: Record<Finding["level"], { icon: TablerIcon; word: string }> = {
  error: { icon: IconCircleX, word: "Fault" },
  warn: { icon: IconAlertTriangle, word: "Remark" },
  ok: { icon: IconCircleCheck, word: "Fine" },
};

/** What is there, what is missing, and how to mend it, by a button where the API can. */
export function Doctor() {
  const { data, error, refetch, isFetching } = useQuery(doctorQuery);
  const again = (
    <Button size="compact-sm" variant="default" loading={isFetching} onClick={() => void refetch()}>
      Examine again
    </Button>
  );
  return (
    <Section title="Doctor" aside={data && again}>
      {!data && (error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={220} />)}
      {data && <Findings findings={data.findings} />}
    </Section>
  );
}

function Findings({ findings }: { findings: Finding[] }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const bad = findings.filter((each) => each.level !== "ok");
  const fine = findings.filter((each) => each.level === "ok");
  return (
    <ul className={classes.findings}>
      {bad.map((each) => (
        <OneFinding key={each.id} finding={each} />
      ))}
      <li className={classes.finding} data-level="ok">
        <IconCircleCheck size={18} aria-hidden />
        <div className={classes.said}>
          <button
            type="button"
            className={classes.opener}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            {bad.length
              ? `${plural(fine.length, "other check")} found nothing`
              : `All ${plural(fine.length, "check")} are fine`}
            <IconChevronDown size={16} aria-hidden data-open={open || undefined} />
          </button>
          <ul id={id} hidden={!open} className={classes.fine}>
            {fine.map((each) => (
              <li key={each.id}>
                {each.title}
                {each.detail && (
                  <span className={classes.dim}>
                    {" "}
                    · <Words text={each.detail} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </div>
      </li>
    </ul>
  );
}

function OneFinding({ finding }: { finding: Finding }) {
  const { icon: Icon, word } = LOOKS[finding.level];
  return (
    <li className={classes.finding} data-level={finding.level}>
      <Icon size={18} aria-hidden />
      <div className={classes.said}>
        <p className={classes.findingTitle}>
          <span className="spoken">{word}: </span>
          {finding.title}
        </p>
        {finding.detail && (
          <p>
            <Words text={finding.detail} />
          </p>
        )}
        {finding.remedy && (
          <p>
            <Words text={finding.remedy} />
          </p>
        )}
        {finding.action && <Remedy action={finding.action} about={finding.title} />}
      </div>
    </li>
  );
}

function Remedy({ action, about }: { action: NonNullable<Finding["action"]>; about: string }) {
  const cache = useQueryClient();
  const doing = useMutation({
    mutationFn: () => call(action),
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: doctorQuery.queryKey });
      void cache.invalidateQueries({ queryKey: toolboxesQuery.queryKey });
    },
  });
  const { data: jobs = [] } = useQuery(liveJobs);
  const job = jobIn(doing.data) ?? jobOfCall(action.path, jobs);
  return (
    <div className={classes.remedy}>
      {job ? (
        <JobNote id={job.id} title={job.title} />
      ) : (
        <Button size="compact-sm" loading={doing.isPending} onClick={() => doing.mutate()} title={about}>
          {action.label}
        </Button>
      )}
      {doing.error && <ProblemAlert error={doing.error} retry={() => doing.mutate()} />}
    </div>
  );
}

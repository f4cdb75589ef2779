import { Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { liveJobs } from "@/client/queries/jobs";
import { doctorQuery, servicesQuery } from "@/client/queries/lists";
import { useNow } from "@/lib/useNow";

import classes from "./Home.module.css";
import { verdict } from "./verdict";

/** The doctor is asked seldom from here: it looks at much, some of it slow. */
const DOCTOR_MS = 10 * 60_000;

/** One sentence on how all is. */
export function VerdictLine() {
  const { data: services } = useQuery(servicesQuery);
  const { data: jobs } = useQuery(liveJobs);
  const { data: diagnosis } = useQuery({ ...doctorQuery, staleTime: DOCTOR_MS });
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const said = verdict({ services, diagnosis, jobs }, minute);
  if (!said) return <Skeleton height={16} mt={4} width={280} />;
  const Icon = said.tone === "good" ? IconCircleCheck : said.tone === "bad" ? IconCircleX : IconAlertTriangle;
  return (
    <div role="status" className={classes.verdict} data-tone={said.tone}>
      <Icon size={18} aria-hidden />
      <span>
        {said.words} {diagnosis && diagnosis.level !== "ok" && <Link to="/system">What the doctor says</Link>}
      </span>
    </div>
  );
}

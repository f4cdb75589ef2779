import {
  IconAlertTriangle,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconLoader2,
  IconPlayerPause,
  IconPlayerStop,
  type TablerIcon,
} from "@tabler/icons-react";

import type { Job, JobState, JobStep, ServingState } from "@/client/types";
import { plural } from "@/lib/format";

import classes from "./State.module.css";

export type Tone = "good" | "run" | "wait" | "bad" | "idle";

interface Look {
  word: string;
  tone: Tone;
  icon: TablerIcon;
}

const JOB: Record<JobState, Look> = {
  pending: { word: "waiting", tone: "idle", icon: IconClock },
  running: { word: "running", tone: "run", icon: IconLoader2 },
  succeeded: { word: "done", tone: "good", icon: IconCircleCheck },
  failed: { word: "failed", tone: "bad", icon: IconCircleX },
  cancelled: { word: "cancelled", tone: "idle", icon: IconPlayerStop },
};

const SERVING: Record<ServingState, Look> = {
  absent: { word: "not installed", tone: "idle", icon: IconCircleDashed },
  stopped: { word: "stopped", tone: "idle", icon: IconCircle },
  starting: { word: "starting", tone: "wait", icon: IconLoader2 },
  ready: { word: "ready", tone: "good", icon: IconCircleCheck },
  failed: { word: "failed", tone: "bad", icon: IconCircleX },
};

const REASONS: Record<string, string> = {
  lost: "lost",
  "disk-full": "the disk is full",
  "place-missing": "its tool is missing",
  refused: "refused",
  command: "the command failed",
};

/** A state by icon, word and colour: never colour alone. */
export function Badge({ word, tone, icon: Icon, title }: Look & { title?: string }) {
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      <Icon size={16} aria-hidden className={Icon === IconLoader2 ? classes.turning : undefined} />
      <span>{word}</span>
    </span>
  );
}

export function JobBadge({ job }: { job: Pick<Job, "state" | "reason" | "cancel_requested_at" | "processes_left" | "holds"> }) {
  return <Badge {...jobLook(job)} />;
}

export function StepBadge({ step }: { step: Pick<JobStep, "state" | "reason"> }) {
  const look = JOB[step.state];
  return <Badge {...look} word={withReason(look.word, step.state, step.reason)} />;
}

export function ServingBadge({ state, word }: { state: ServingState; word?: string }) {
  return <Badge {...SERVING[state]} {...(word ? { word } : {})} />;
}

/** A job's state in a word. */
export const jobWord = (state: JobState): string => JOB[state].word;

/** A service's state in a word. */
export const servingWord = (state: ServingState): string => SERVING[state].word;

export function WarningBadge({ word }: { word: string }) {
  return <Badge word={word} tone="wait" icon={IconAlertTriangle} />;
}

/** What a job is doing, in words: "stopping, 2 processes left". */
export function jobLook(job: Pick<Job, "state" | "reason" | "cancel_requested_at" | "processes_left" | "holds">): Look {
  const left = job.processes_left.length;
  const over = job.state !== "running" && job.state !== "pending";
  if (!over && job.cancel_requested_at) {
    return { word: left ? `stopping, ${plural(left, "process", "processes")} left` : "stopping", tone: "wait", icon: IconLoader2 };
  }
  if (!over && job.holds) return { word: "held", tone: "wait", icon: IconPlayerPause };
  const look = JOB[job.state];
  return { ...look, word: withReason(look.word, job.state, job.reason) };
}

function withReason(word: string, state: JobState, reason: string | null | undefined): string {
  return state === "failed" && reason && reason !== "command" ? `${word}: ${REASONS[reason] ?? reason}` : word;
}

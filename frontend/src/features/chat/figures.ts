import type { Deployment } from "@/client/types";
import { duration, number, plural } from "@/lib/format";

import type { Answer } from "./conversation";

const ENDS: Record<string, string> = {
  length: "cut at the most tokens",
  stopped: "stopped by you",
};

/** "113 tokens/s · first after 0.2 s · 84 tokens": as far as it is known. */
export function figures(answer: Answer): string {
  const parts = [
    answer.tokens_per_second == null ? "" : `${number(answer.tokens_per_second)} tokens/s`,
    answer.first_token_ms == null ? "" : `first after ${duration(answer.first_token_ms / 1000)}`,
    answer.tokens == null ? "" : plural(answer.tokens, "token"),
    ENDS[answer.finish ?? ""] ?? "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** Why there is no word yet. */
export function waitingFor(deployment: Deployment | undefined, answer: Answer): string {
  if (answer.thinking) return "It is thinking…";
  const state = deployment?.state;
  if (state === "stopped" || state === "starting") return "The engine is starting; the first answer takes longer for that.";
  return "It is reading the question…";
}

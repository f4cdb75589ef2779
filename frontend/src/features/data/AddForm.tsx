import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Checkbox.layer.css";
import "@mantine/core/styles/Progress.layer.css";

import { Button, Checkbox, Group, Progress, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import type { Problem } from "@/client/problem";
import { datasetsQuery } from "@/client/queries/lists";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { percent, plural } from "@/lib/format";
import { againstName } from "@/lib/names";

import type { Look } from "./look";
import type { Given } from "./useAdding";

interface Props {
  look: Look;
  problem: Problem | null;
  /** Being added: how much is sent. Undefined: not yet. */
  sent?: number | null;
  /** What is looked at may not be what would be added any more. */
  stale?: boolean;
  add: (given: Given) => void;
  stop?: () => void;
  cancel: () => void;
}

/** The last part of every way to add rows: the name, whether bad lines are left out, and the button. */
export function AddForm({ look, problem, sent, stale = false, add, stop, cancel }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [skipBad, setSkipBad] = useState(false);
  const name = typed ?? look.name;
  const against = useAgainst(name);
  const adding = sent !== undefined;
  const ready = name !== "" && against === null && (!look.mustAgree || skipBad) && !stale;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !adding) add({ name, skipBad });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Trainings find it by this name."
          value={name}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          error={against}
          maxLength={80}
          disabled={adding}
          spellCheck={false}
          autoComplete="off"
        />
        {look.mustAgree && (
          <Checkbox
            label={`Leave the ${plural(look.leftCount, "bad line")} out`}
            description={`Or mend ${look.leftCount === 1 ? "it" : "them"} in the file, and choose it again.`}
            checked={skipBad}
            disabled={adding}
            onChange={({ currentTarget }) => setSkipBad(currentTarget.checked)}
          />
        )}
        {problem && <ProblemAlert error={problem} />}
        {adding && <Sending sent={sent} word="Adding" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={adding && stop ? stop : cancel}>
            {adding ? "Stop" : "Cancel"}
          </Button>
          <Button type="submit" disabled={!ready} loading={adding}>
            Add {plural(look.rows, "row")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Why the name can't be used: by its letters, or since it is taken. */
function useAgainst(name: string): ReactNode {
  const { data } = useQuery(datasetsQuery);
  if (data?.datasets.some((each) => each.name === name)) return `There is a data set “${name}” already. Choose another name.`;
  return againstName(name);
}

/** How far a file is: sent to Tunesmith, then read there. */
export function Sending({ sent, word }: { sent: number | null; word: string }) {
  const read = sent !== null && sent >= 1;
  return (
    <div aria-live="off">
      <Progress value={sent === null ? 0 : sent * 100} animated={read} aria-label={word} />
      <span className="figures" style={{ color: "var(--dim)", fontSize: 13 }}>
        {read ? "Every line is being checked" : sent === null ? `${word} …` : `${word} · ${percent(sent * 100)} sent`}
      </span>
    </div>
  );
}

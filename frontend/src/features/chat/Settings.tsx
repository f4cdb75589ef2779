import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Switch.layer.css";

import { Button, Popover, Switch, Textarea, TextInput } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";

import { samplingQuery } from "@/client/queries/chats";
import type { Deployment, Sampling } from "@/client/types";

import classes from "./Chat.module.css";
import { against, FIELDS, ownOf, summary, type Typed } from "./settings";

interface Props {
  typed: Typed;
  system: string;
  set: (next: { typed?: Typed; system?: string }) => void;
  blind: boolean;
  setBlind: (blind: boolean) => void;
  /** Who answers: one, or two. */
  models: readonly (Deployment | undefined)[];
}

/** How the models shall answer. What isn't set is left to the engine. */
export function Settings(props: Props) {
  return (
    <Popover position="bottom-end" width="min(440px, 92vw)" trapFocus shadow="md" withinPortal>
      <Popover.Target>
        <Button variant="default" className={classes.act} leftSection={<IconAdjustments size={16} aria-hidden />}>
          Settings
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Settings">
        <Fields {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** What isn't left to the engine; `deaf`: what one of the models doesn't hear. */
export function Said({ typed, system, blind, deaf }: Pick<Props, "typed" | "system" | "blind"> & { deaf: string | null }) {
  const said = [summary(typed), system.trim() ? "system prompt" : "", blind ? "blind comparison" : ""].filter(Boolean).join(" · ");
  if (!said && !deaf) return null;
  return (
    <div className={classes.said}>
      {said && <div>{said}</div>}
      {deaf && <div className={classes.deaf}>{deaf}</div>}
    </div>
  );
}

function Fields({ typed, system, set, blind, setBlind, models }: Props) {
  const engines = useSampling(models);
  return (
    <div className={classes.settings}>
      <Textarea
        label="System prompt"
        description="In the place of a release’s own, if it has one."
        autosize
        minRows={2}
        maxRows={8}
        maxLength={20_000}
        dir="auto"
        value={system}
        data-autofocus
        onChange={(event) => set({ system: event.currentTarget.value })}
      />
      <div className={classes.numbers}>
        {FIELDS.map((field) => (
          <TextInput
            key={field.name}
            label={field.label}
            description={field.description}
            placeholder={ownOf(field.name, engines)}
            inputWrapperOrder={["label", "input", "description", "error"]}
            inputMode={field.whole ? "numeric" : "decimal"}
            autoComplete="off"
            value={typed[field.name] ?? ""}
            error={against(field, typed[field.name])}
            onChange={(event) => set({ typed: { ...typed, [field.name]: event.currentTarget.value } })}
          />
        ))}
      </div>
      <div className={classes.note}>Empty fields are left to the engine; a grey number is its own.</div>
      <Switch
        label="Blind comparison"
        description="Which model answered is hidden, and so is the order, until you say which answer is better."
        checked={blind}
        disabled={models.length < 2}
        onChange={(event) => setBlind(event.currentTarget.checked)}
      />
    </div>
  );
}

/** Asked while the settings are open: an engine that starts meanwhile shows its numbers then. */
function useSampling(models: readonly (Deployment | undefined)[]): (Sampling | undefined)[] {
  const served = models.filter((each) => each !== undefined);
  return useQueries({ queries: served.map(samplingQuery), combine: (results) => results.map(({ data }) => data) });
}

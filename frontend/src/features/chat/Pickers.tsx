import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/Combobox.layer.css";

import { ActionIcon, Button, Select, Tooltip, type ComboboxItem, type OptionsFilter } from "@mantine/core";
import { IconColumns2, IconX } from "@tabler/icons-react";

import type { Deployment } from "@/client/types";
import { ServingBadge } from "@/components/state/State";

import classes from "./Chat.module.css";
import { kindOf, type Models } from "./models";

interface Props {
  served: Deployment[];
  models: Models;
  choose: (models: Models) => void;
}

/** Who answers: one model, or two side by side. */
export function Pickers({ served, models, choose }: Props) {
  const { left, right } = models;
  const other = served.find((each) => each.name !== left)?.name ?? left;
  return (
    <div className={classes.pickers} data-two={right !== undefined || undefined}>
      <Picker label={right === undefined ? "Model" : "Left model"} served={served} name={left} choose={(name) => choose({ left: name, right })} />
      {right === undefined ? (
        <Button variant="default" leftSection={<IconColumns2 size={16} aria-hidden />} disabled={other === undefined} onClick={() => choose({ left, right: other })}>
          Compare
        </Button>
      ) : (
        <div className={classes.right}>
          <Picker label="Right model" served={served} name={right} choose={(name) => choose({ left, right: name })} />
          <Tooltip label="Close the right column">
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Close the right column" onClick={() => choose({ left })}>
              <IconX size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
    </div>
  );
}

interface PickerProps {
  label: string;
  served: Deployment[];
  name: string | undefined;
  choose: (name: string) => void;
}

function Picker({ label, served, name, choose }: PickerProps) {
  const chosen = served.find((each) => each.name === name);
  const gone = name !== undefined && !chosen;
  return (
    <div className={classes.picker}>
      <Select
        aria-label={label}
        placeholder="Choose a model"
        data={[...served.map((each) => each.name), ...(gone ? [name] : [])]}
        value={name ?? null}
        searchable
        limit={100}
        filter={byWords}
        allowDeselect={false}
        error={gone}
        nothingFoundMessage="No model has this name."
        comboboxProps={{ width: 340, position: "bottom-start" }}
        renderOption={({ option }) => <Option name={option.value} deployment={served.find((each) => each.name === option.value)} />}
        onChange={(next) => next && choose(next)}
      />
      <div className={classes.pickerFacts}>
        {chosen ? (
          <>
            <span>{kindOf(chosen)}</span>
            <ServingBadge state={chosen.state} {...(chosen.state === "stopped" ? { word: "starts with the first question" } : {})} />
          </>
        ) : (
          gone && <span>isn’t served any more</span>
        )}
      </div>
    </div>
  );
}

function Option({ name, deployment }: { name: string; deployment: Deployment | undefined }) {
  return (
    <span className={classes.option}>
      <span className={classes.optionName} dir="auto">
        {name}
      </span>
      {deployment && (
        <span className={classes.optionFacts}>
          {kindOf(deployment)}
          <ServingBadge state={deployment.state} />
        </span>
      )}
    </span>
  );
}

const byWords: OptionsFilter = ({ options, search }) => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (options as ComboboxItem[]).filter((option) => words.every((word) => option.value.toLowerCase().includes(word)));
};

import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Combobox.layer.css";
import "@mantine/core/styles/Switch.layer.css";
import "@mantine/core/styles/Pill.layer.css";
import "@mantine/core/styles/PillsInput.layer.css";

import { MultiSelect, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";

import type { TrainingSetting } from "@/client/types";

import { shown, type Field } from "./form";
import { choiceWord, labelOf } from "./groups";
import classes from "./Train.module.css";

export interface FieldProps {
  setting: TrainingSetting;
  value: Field;
  change: (value: Field) => void;
  /** What is wrong with it. */
  error: string | undefined;
  /** Another setting takes its meaning. */
  idle?: boolean;
}

/** A setting, by the control that its kind asks for. */
export function SettingField({ setting, value, change, error, idle = false }: FieldProps) {
  const words = { ...wordsOf(setting), error, disabled: idle };
  const text = typeof value === "string" ? value : "";
  const list = Array.isArray(value) ? value : [];
  switch (setting.control) {
    case "switch":
      return <Switch {...words} checked={value === true} onChange={({ currentTarget }) => change(currentTarget.checked)} />;
    case "choice":
      return (
        <Select
          {...words}
          data={setting.choices.map((choice) => ({ value: String(choice), label: choiceWord(String(choice)) }))}
          value={text || null}
          allowDeselect={false}
          clearable={setting.default == null}
          placeholder={setting.default == null ? "none" : undefined}
          onChange={(choice) => change(choice ?? "")}
        />
      );
    case "choices":
      return <MultiSelect {...words} data={setting.choices.map(String)} value={list} onChange={change} placeholder={list.length ? undefined : "nowhere else"} />;
    case "words":
      return <TagsInput {...words} value={list} onChange={change} />;
    case "keys":
      return (
        <Textarea
          {...words}
          autosize
          minRows={2}
          maxRows={12}
          spellCheck={false}
          placeholder="warmup_steps: 4"
          classNames={{ input: classes.code }}
          value={text}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...words}
          inputMode={setting.control === "whole" ? "numeric" : setting.control === "number" ? "decimal" : undefined}
          spellCheck={false}
          autoComplete="off"
          placeholder={defaultText(setting)}
          value={text}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        />
      );
  }
}

/** What holds while the field is empty. */
function defaultText(setting: TrainingSetting): string | undefined {
  const field = shown(setting, {});
  return typeof field === "string" && field !== "" ? field : undefined;
}

/** Label, meaning and their order, alike for all fields. */
export function wordsOf(setting: Pick<TrainingSetting, "name" | "description">) {
  return {
    label: (
      <>
        {labelOf(setting.name)} <code className={classes.key}>{setting.name}</code>
      </>
    ),
    description: setting.description,
    inputWrapperOrder: ["label", "input", "description", "error"] as ("label" | "input" | "description" | "error")[],
  };
}

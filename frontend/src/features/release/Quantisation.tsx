import { Select } from "@mantine/core";

import type { ReleaseOptions } from "@/client/types";
import { Words } from "@/components/Words";
import { bytes } from "@/lib/format";

import type { FormProps } from "./Fields";
import classes from "./ReleasePage.module.css";

type Choice = ReleaseOptions["quantisations"][number];

/** How exactly the weights are kept, with the size that follows, and what can't be made here. */
export function Quantisation({ form, change, options }: FormProps) {
  const choices = options?.quantisations ?? [];
  const byName = new Map(choices.map((choice) => [choice.name, choice]));
  const known = choices.length ? choices.map((choice) => choice.name) : [form.quantisation];
  return (
    <Select
      label="Quantisation"
      data={known.map((name) => ({ value: name, label: name, disabled: (byName.get(name)?.against.length ?? 0) > 0 }))}
      value={form.quantisation}
      allowDeselect={false}
      maxDropdownHeight={320}
      renderOption={({ option }) => <Option name={option.value} choice={byName.get(option.value)} />}
      description={<Words text={said(choices, byName.get(form.quantisation))} />}
      inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(quantisation) => quantisation && change({ quantisation })}
    />
  );
}

function Option({ name, choice }: { name: string; choice: Choice | undefined }) {
  const impossible = choice && choice.against.length > 0;
  return (
    <span className={classes.option}>
      <span>{name}</span>
      <span className={classes.optionFacts}>{impossible ? "can't be made here" : bytes(choice?.bytes)}</span>
    </span>
  );
}

function said(choices: readonly Choice[], chosen: Choice | undefined): string {
  const size = chosen?.bytes == null ? "" : `The model takes about ${bytes(chosen.bytes)}.`;
  const reason = choices.find((choice) => choice.against.length > 0)?.against[0];
  const others = reason ? `Smaller ones need llama-quantize. ${reason.remedy}` : "";
  return [size, others].filter(Boolean).join(" ");
}

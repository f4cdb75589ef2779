import { Anchor, MultiSelect, Select, TextInput, type ComboboxItem, type OptionsFilter } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Artifact, Dataset } from "@/client/types";
import { bytes, plural } from "@/lib/format";
import { againstName } from "@/lib/names";

import { freeName } from "./form";
import { wordsOf, type FieldProps } from "./SettingField";
import classes from "./Train.module.css";

/** More aren't drawn at once; typing finds the others. */
const SHOWN = 80;

/** Every word has to occur, in any order. */
const byWords: OptionsFilter = ({ options, search }) => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (options as ComboboxItem[]).filter(({ label, value }) => words.every((word) => `${label} ${value}`.toLowerCase().includes(word)));
};

export function BaseField({ setting, value, change, error, bases }: FieldProps & { bases: Artifact[] }) {
  const known = new Map(bases.map((base) => [base.id, base]));
  // An address may give the name alone.
  const chosen = bases.find(({ id, name }) => id === value || name === value);
  const gone = typeof value === "string" && value !== "" && !chosen;
  return (
    <Select
      {...wordsOf(setting)}
      description={chosen ? `${bytes(chosen.bytes)}${chosen.kind === "merged" ? ", merged" : ""}` : <NoBase bases={bases} />}
      placeholder="Choose what to train"
      required
      data={bases.map(({ id, name }) => ({ value: id, label: name }))}
      value={chosen?.id ?? null}
      searchable
      limit={SHOWN}
      filter={byWords}
      allowDeselect={false}
      nothingFoundMessage="No base model has this name."
      error={error ?? (gone ? `${value} isn’t here. Choose one that is.` : undefined)}
      renderOption={({ option }) => <Option label={option.label} note={bytes(known.get(option.value)?.bytes)} />}
      onChange={(id) => change(id ?? "")}
    />
  );
}

function NoBase({ bases }: { bases: Artifact[] }) {
  if (bases.length) return <>A base model, or one that was merged.</>;
  return (
    <>
      There is no base model here yet.{" "}
      <Link to="/models" search={{ add: "starter" }}>
        Bring one in
      </Link>
    </>
  );
}

export function DatasetsField({ setting, value, change, error, datasets }: FieldProps & { datasets: Dataset[] }) {
  const known = new Map(datasets.map((dataset) => [dataset.name, dataset]));
  const chosen = Array.isArray(value) ? value : [];
  const gone = chosen.filter((name) => !known.has(name));
  const rows = chosen.reduce((sum, name) => sum + (known.get(name)?.rows ?? 0), 0);
  return (
    <MultiSelect
      {...wordsOf(setting)}
      description={rows ? plural(rows, "row") : <NoDatasets datasets={datasets} />}
      placeholder={chosen.length ? undefined : "Choose what to train on"}
      required
      data={[...datasets.map(({ name }) => name), ...gone]}
      value={chosen}
      searchable
      limit={SHOWN}
      filter={byWords}
      hidePickedOptions
      nothingFoundMessage="No other data set has this name."
      error={error ?? (gone.length ? `${gone.join(", ")} ${gone.length > 1 ? "aren’t" : "isn’t"} here. Choose what is.` : undefined)}
      renderOption={({ option }) => <Option label={option.label} note={plural(known.get(option.value)?.rows ?? 0, "row")} />}
      onChange={change}
    />
  );
}

function NoDatasets({ datasets }: { datasets: Dataset[] }) {
  if (datasets.length) return <>One or several; their rows are mixed.</>;
  return (
    <>
      There is no data set here yet.{" "}
      <Link to="/data" search={{ add: "file" }}>
        Add rows
      </Link>
    </>
  );
}

/** `made`: the name it gets when none is typed. */
export function NameField({ setting, value, change, error, made, taken }: FieldProps & { made: string | undefined; taken: ReadonlySet<string> }) {
  const text = typeof value === "string" ? value : "";
  const named = text === "" ? (made ?? "") : text;
  const used = taken.has(named);
  return (
    <TextInput
      {...wordsOf(setting)}
      description="A folder under saves/. Made from base and data set when none is given."
      placeholder={made}
      spellCheck={false}
      autoComplete="off"
      maxLength={200}
      value={text}
      error={againstName(text) ?? (used ? <Taken name={named} taken={taken} change={change} /> : error)}
      onChange={({ currentTarget }) => change(currentTarget.value)}
    />
  );
}

function Taken({ name, taken, change }: { name: string; taken: ReadonlySet<string>; change: FieldProps["change"] }) {
  const free = freeName(name, taken);
  return (
    <>
      There is a run of this name already.{" "}
      <Anchor component="button" type="button" size="xs" onClick={() => change(free)}>
        Call it {free}
      </Anchor>
    </>
  );
}

/** `found`: what the base itself asks for. */
export function TemplateField({ setting, value, change, error, templates, found }: FieldProps & { templates: string[]; found: string | undefined }) {
  return (
    <Select
      {...wordsOf(setting)}
      placeholder={found ? `${found}, as the base asks` : "as the base asks"}
      data={templates}
      value={typeof value === "string" && value !== "" ? value : null}
      searchable
      clearable
      allowDeselect={false}
      limit={SHOWN}
      nothingFoundMessage="LLaMA-Factory has no template of this name."
      error={error}
      onChange={(template) => change(template ?? "")}
    />
  );
}

function Option({ label, note }: { label: string; note: string }) {
  return (
    <span className={classes.option}>
      <span className={classes.optionName} dir="auto">
        {label}
      </span>
      <span className={classes.optionNote}>{note}</span>
    </span>
  );
}

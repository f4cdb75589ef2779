import "@mantine/core/styles/Input.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Combobox.layer.css";
import "@mantine/core/styles/Radio.layer.css";

import { Anchor, Radio, Select, Skeleton, Textarea, TextInput, type ComboboxItem, type OptionsFilter } from "@mantine/core";

import type { Artifact, ReleaseOptions, Served } from "@/client/types";
import { Time } from "@/components/Time";
import { Words } from "@/components/Words";
import { bytes } from "@/lib/format";
import { againstName } from "@/lib/names";

import { merged, takenBy, type AdapterChoice, type Engine, type ReleaseForm, type Way } from "./form";
import { Quantisation } from "./Quantisation";
import classes from "./ReleasePage.module.css";

export interface FormProps {
  form: ReleaseForm;
  change: (next: Partial<ReleaseForm>) => void;
  /** Undefined while it isn't known what can be chosen. */
  options: ReleaseOptions | undefined;
}

interface Props extends FormProps {
  loading: boolean;
  choices: AdapterChoice[];
  bases: Artifact[];
  served: Served[];
}

/** More aren't drawn at once; typing finds the others. */
const SHOWN = 80;

export function Fields({ loading, choices, bases, served, ...of }: Props) {
  if (loading) return <Skeletons />;
  const { form, change } = of;
  const against = againstName(form.name);
  return (
    <div className={classes.form}>
      <AdapterField choices={choices} {...of} />
      <TextInput
        label="Name"
        description={against ? undefined : (takenBy(form.name, served) ?? "What people and programs will ask for.")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        error={against}
        value={form.name}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        <BaseField bases={bases} {...of} />
        <TemplateField {...of} />
      </div>
      <SystemField {...of} />
      <Quantisation {...of} />
      <EngineField {...of} />
      <WayField {...of} />
    </div>
  );
}

function Skeletons() {
  return (
    <div className={classes.form} aria-busy>
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index}>
          <Skeleton height={14} width={80} mb={6} />
          <Skeleton height={36} />
        </div>
      ))}
    </div>
  );
}

function AdapterField({ form, change, choices }: FormProps & { choices: AdapterChoice[] }) {
  const byId = new Map(choices.map((choice) => [choice.value, choice]));
  const chosen = byId.get(form.adapter);
  const gone = form.adapter !== "" && !chosen;
  return (
    <div>
      <Select
        label="Adapter"
        placeholder="Choose what was trained"
        data={choices.map(({ value, label }) => ({ value, label }))}
        value={chosen ? form.adapter : null}
        searchable
        limit={SHOWN}
        filter={byWords}
        nothingFoundMessage="No adapter has this name."
        maxDropdownHeight={320}
        allowDeselect={false}
        error={gone ? `${form.adapter} isn't here any more.` : undefined}
        renderOption={({ option }) => <AdapterOption choice={byId.get(option.value)} label={option.label} />}
        onChange={(adapter) => adapter && change({ adapter })}
      />
      {chosen && (
        <div className={classes.facts}>
          {[chosen.artifact.rank == null ? "" : `rank ${chosen.artifact.rank}`, bytes(chosen.artifact.bytes)].filter(Boolean).join(" · ")}
          {" · "}
          <Time at={chosen.artifact.modified_at} />
        </div>
      )}
      {chosen?.artifact.problems.map((problem) => (
        <div key={problem} className={classes.facts} data-tone="bad">
          {problem}
        </div>
      ))}
    </div>
  );
}

function AdapterOption({ choice, label }: { choice: AdapterChoice | undefined; label: string }) {
  return (
    <span className={classes.option} data-under={choice?.checkpoint ? true : undefined}>
      <span className={classes.optionName} dir="auto">
        {label}
      </span>
      {choice && <span className={classes.optionFacts}>{bytes(choice.artifact.bytes)}</span>}
    </span>
  );
}

function BaseField({ form, change, options, bases }: FormProps & { bases: Artifact[] }) {
  const recorded = options?.base ?? null;
  const missing = options && !recorded && options.named_base ? `The record names ${options.named_base}, which isn't here.` : null;
  return (
    <Select
      label="Base model"
      placeholder="Choose it"
      data={bases.map((base) => ({ value: base.id, label: base.name }))}
      value={form.base ?? recorded}
      searchable
      limit={SHOWN}
      filter={byWords}
      nothingFoundMessage="No base model has this name."
      allowDeselect={false}
      disabled={!form.adapter}
      description={<Recorded what="base" form={form} change={change} recorded={recorded} missing={missing} />}
      inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(base) => change({ base: base === recorded ? null : base })}
    />
  );
}

function TemplateField({ form, change, options }: FormProps) {
  const recorded = options?.template ?? null;
  const missing = options && !recorded ? "There is no record of the template: choose the one it was trained with." : null;
  return (
    <Select
      label="Chat template"
      placeholder="Choose it"
      data={options?.templates ?? [form.template, recorded].filter((each) => each !== null)}
      value={form.template ?? recorded}
      searchable
      limit={SHOWN}
      filter={byWords}
      nothingFoundMessage="LLaMA-Factory has none of this name."
      allowDeselect={false}
      disabled={!form.adapter}
      description={<Recorded what="template" form={form} change={change} recorded={recorded} missing={missing} />}
      inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(template) => change({ template: template === recorded ? null : template })}
    />
  );
}

interface RecordedProps {
  what: "base" | "template";
  form: ReleaseForm;
  change: FormProps["change"];
  recorded: string | null;
  missing: string | null;
}

/** Whether a field is what the training's record says, and the way back to that. */
function Recorded({ what, form, change, recorded, missing }: RecordedProps) {
  if (form[what] === null) return <>{recorded ? "As the training's record says." : missing}</>;
  if (recorded === null) return <>Chosen by you.</>;
  return (
    <>
      Not what it was trained with.{" "}
      <Anchor component="button" type="button" size="xs" onClick={() => change({ [what]: null })}>
        Back to {recorded.split("/").at(-1)}
      </Anchor>
    </>
  );
}

function SystemField({ form, change, options }: FormProps) {
  const trained = options?.trained_system;
  return (
    <Textarea
      label="System prompt"
      description={trained ? `Training put “${short(trained)}” where a chat had none.` : "Used when a chat brings none. May stay empty."}
      inputWrapperOrder={["label", "input", "description", "error"]}
      autosize
      minRows={2}
      maxRows={10}
      maxLength={20_000}
      dir="auto"
      value={form.system}
      onChange={(event) => change({ system: event.currentTarget.value })}
    />
  );
}

const ENGINES: Record<Engine, { label: string; description: string }> = {
  "llama.cpp": { label: "llama.cpp", description: "Started and watched by Tunesmith; adapters of one base share it." },
  ollama: { label: "Ollama", description: "Loaded into your Ollama, under its own name there." },
};

function EngineField({ form, change, options }: FormProps) {
  return (
    <Radio.Group label="Engine" value={form.engine} onChange={(engine) => change({ engine: engine, way: null })}>
      <div className={classes.choices}>
        {(Object.keys(ENGINES) as Engine[]).map((engine) => {
          const against = options?.engines.find((each) => each.name === engine)?.against ?? [];
          const { label, description } = ENGINES[engine];
          const why = against.map((each) => `${each.reason}. ${each.remedy}`).join(" ");
          return <Radio key={engine} value={engine} label={label} description={<Words text={why || description} />} />;
        })}
      </div>
    </Radio.Group>
  );
}

const WAYS: Record<Way, { label: string; description: string }> = {
  adapter: { label: "As an adapter on the shared base", description: "Seconds and megabytes; rolled back in an instant." },
  merge: { label: "Merged into a model of its own", description: "Works for every adapter and engine; takes the base's size again." },
};

function WayField({ form, change, options }: FormProps) {
  const limits = merged(options, form.engine);
  const way = form.way ?? (limits.length ? "merge" : "adapter");
  return (
    <Radio.Group label="Way" value={way} onChange={(chosen) => change({ way: chosen })}>
      <div className={classes.choices}>
        {(Object.keys(WAYS) as Way[]).map((each) => {
          const impossible = each === "adapter" && limits.length > 0;
          const { label, description } = WAYS[each];
          const why = impossible ? `Not possible here: ${limits.join("; ")}.` : description;
          return <Radio key={each} value={each} label={label} disabled={impossible} description={why} />;
        })}
      </div>
    </Radio.Group>
  );
}

/** Options that hold every word that was typed, wherever. */
export const byWords: OptionsFilter = ({ options, search }) => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (options as ComboboxItem[]).filter((option) => {
    const text = `${option.label} ${option.value}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
};

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

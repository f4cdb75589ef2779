import { useState } from "react";

import type { Artifact, Dataset, TrainingSetting } from "@/client/types";
import { plural } from "@/lib/format";

import { BaseField, DatasetsField, NameField, TemplateField } from "./DataFields";
import { shown, type Field, type Values } from "./form";
import { grouped, isIdle, type Group } from "./groups";
import { SettingField, type FieldProps } from "./SettingField";
import classes from "./Train.module.css";

/** What there is to choose from. */
export interface Stock {
  settings: TrainingSetting[];
  templates: string[];
  bases: Artifact[];
  datasets: Dataset[];
  /** Names of the runs there are. */
  taken: ReadonlySet<string>;
}

interface Props {
  stock: Stock;
  values: Values;
  change: (name: string, value: Field) => void;
  /** What is wrong with a field, by its name. */
  wrong: Record<string, string>;
  /** What the plan filled in. */
  made: { name?: string; template?: string };
}

/** All settings of a training: the common ones by what they are about, the rest folded. */
export function Fields(props: Props) {
  const { common, more } = grouped(props.stock.settings);
  return (
    <form className={classes.form} onSubmit={(event) => event.preventDefault()} aria-label="Settings of the training">
      {common.map((group) => (
        <FieldGroup key={group.title} group={group} {...props} />
      ))}
      <More settings={more} {...props} />
    </form>
  );
}

function FieldGroup({ group, ...props }: Props & { group: Group }) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{group.title}</legend>
      <div className={classes.fields} data-columns={group.columns}>
        {group.settings.map((setting) => (
          <div key={setting.name} className={WIDE.has(setting.name) ? classes.wide : undefined}>
            <OneField setting={setting} {...props} />
          </div>
        ))}
      </div>
    </fieldset>
  );
}

const WIDE = new Set(["base", "dataset", "finetuning", "extra", "targets"]);

/** Open as long as something in it was set or is wrong; else as the person wants it. */
function More({ settings, ...props }: Props & { settings: TrainingSetting[] }) {
  const changed = settings.filter(({ name }) => props.values[name] !== undefined).length;
  const wrong = settings.some(({ name }) => props.wrong[name] !== undefined);
  const [open, setOpen] = useState(changed > 0);
  return (
    <details className={classes.more} open={open || wrong} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className={classes.summary}>
        More settings <span className={classes.note}>{changed ? `${plural(changed, "of them is", "of them are")} set` : `${settings.length}, all at their defaults`}</span>
      </summary>
      <FieldGroup group={{ title: "More settings", columns: 2, settings }} {...props} />
    </details>
  );
}

function OneField({ setting, stock, values, change, wrong, made }: Props & { setting: TrainingSetting }) {
  const at = (name: string) => {
    const found = stock.settings.find((each) => each.name === name);
    return found ? shown(found, values) : "";
  };
  const field: FieldProps = {
    setting,
    value: at(setting.name),
    change: (value) => change(setting.name, value),
    error: wrong[setting.name],
    idle: isIdle(setting.name, at),
  };
  switch (setting.name) {
    case "base":
      return <BaseField {...field} bases={stock.bases} />;
    case "dataset":
      return <DatasetsField {...field} datasets={stock.datasets} />;
    case "name":
      return <NameField {...field} made={made.name} taken={stock.taken} />;
    case "template":
      return <TemplateField {...field} templates={stock.templates} found={made.template} />;
    default:
      return <SettingField {...field} />;
  }
}

import "@mantine/core/styles/Input.layer.css";

import { ActionIcon, NativeSelect, TextInput, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDownload, IconLetterCase, IconRegex, IconSearch, IconTextWrap, type TablerIcon } from "@tabler/icons-react";
import type { KeyboardEvent, RefObject } from "react";

import { count, plural } from "@/lib/format";

import type { Found } from "./engine/protocol";
import type { Wanted } from "./engine/search";
import { fileName, fileUrl, stepName, type LogSource } from "./source";
import classes from "./Toolbar.module.css";

interface Props {
  field: RefObject<HTMLInputElement | null>;
  wanted: Wanted;
  onWanted: (wanted: Wanted) => void;
  found: Found | null;
  onNext: (by: 1 | -1) => void;
  leave: () => void;
  steps: string[];
  step: string | undefined;
  onStep: ((step: string | undefined) => void) | undefined;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  source: LogSource;
}

export function Toolbar({ steps, step, onStep, wrap, onWrap, source, ...search }: Props) {
  return (
    <div className={classes.bar}>
      <Search {...search} />
      <div className={classes.rest}>
        {onStep && (steps.length > 1 || step) && (
          <NativeSelect
            size="xs"
            aria-label="Step whose lines are shown"
            value={steps.find((each) => each === step || stepName(each) === step) ?? step ?? ""}
            onChange={(event) => onStep(event.currentTarget.value ? stepName(event.currentTarget.value) : undefined)}
            data={[{ value: "", label: "All steps" }, ...choices(steps, step)]}
          />
        )}
        <Toggle icon={IconTextWrap} label="Wrap long lines" on={wrap} onChange={onWrap} />
        <Tooltip label="Download the log">
          <ActionIcon component="a" href={fileUrl(source, step)} download={fileName(source, step)} variant="subtle" color="gray" aria-label="Download the log">
            <IconDownload size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}

function choices(steps: string[], step: string | undefined) {
  const known = steps.map((each) => ({ value: each, label: stepName(each) }));
  const missing = step && !steps.some((each) => each === step || stepName(each) === step);
  return missing ? [...known, { value: step, label: `${step} (no lines yet)` }] : known;
}

type SearchProps = Pick<Props, "field" | "wanted" | "onWanted" | "found" | "onNext" | "leave">;

function Search({ field, wanted, onWanted, found, onNext, leave }: SearchProps) {
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Enter") onNext(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  };
  return (
    <div className={classes.search} role="search" aria-label="Search in the log">
      <TextInput
        ref={field}
        type="search"
        size="xs"
        className={classes.field}
        placeholder="Search in the log"
        aria-label="Search in the log"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={wanted.text}
        onChange={(event) => onWanted({ ...wanted, text: event.currentTarget.value })}
        onKeyDown={pressed}
        error={Boolean(found?.wrong)}
      />
      <Toggle icon={IconRegex} label="The search is a regular expression" on={wanted.pattern} onChange={(pattern) => onWanted({ ...wanted, pattern })} />
      <Toggle icon={IconLetterCase} label="Tell capital from small letters" on={wanted.cases} onChange={(cases) => onWanted({ ...wanted, cases })} />
      <Step icon={IconArrowUp} label="The match before (Shift Enter)" onClick={() => onNext(-1)} off={!found?.lines} />
      <Step icon={IconArrowDown} label="The next match (Enter)" onClick={() => onNext(1)} off={!found?.lines} />
      <span className={classes.count} aria-live="polite" data-wrong={Boolean(found?.wrong) || undefined}>
        {found && inWords(found)}
      </span>
    </div>
  );
}

/** "3 of 128 lines" */
export function inWords({ lines, at, done, wrong }: Found): string {
  if (wrong) return `Can’t be searched for: ${wrong}`;
  const all = at ? `${count(at)} of ${plural(lines, "line")}` : lines ? plural(lines, "line") : done ? "not found" : "";
  return done ? all : `${all} …`;
}

interface ToggleProps {
  icon: TablerIcon;
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

function Toggle({ icon: Icon, label, on, onChange }: ToggleProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant={on ? "light" : "subtle"} color={on ? undefined : "gray"} aria-label={label} aria-pressed={on} onClick={() => onChange(!on)}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function Step({ icon: Icon, label, onClick, off }: { icon: TablerIcon; label: string; onClick: () => void; off: boolean }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={off} onClick={onClick}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

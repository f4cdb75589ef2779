import "@mantine/core/styles/Input.layer.css";

import { CloseButton, NativeSelect, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";

import type { JobState } from "@/client/types";
import { useTyped } from "@/lib/useTyped";

import { JOB_STATES, type JobsSearch } from "../search";
import { kindName, KNOWN_KINDS, STATE_NAMES } from "../words";
import classes from "./JobFilters.module.css";

interface Props {
  search: JobsSearch;
  change: (next: Partial<JobsSearch>) => void;
  /** Kinds of the jobs that are listed, some perhaps that this page has no name for. */
  kinds: string[];
}

export function JobFilters({ search, change, kinds }: Props) {
  const { q = "", state = [], kind = [] } = search;
  const [text, type] = useTyped(q, (typed) => change({ q: typed || undefined }));
  const toggle = (each: JobState) => {
    const next = state.includes(each) ? state.filter((other) => other !== each) : [...state, each];
    change({ state: next.length ? next : undefined });
  };
  const choices = [...new Set([...KNOWN_KINDS, ...kinds, ...kind])];
  return (
    <div className={classes.filters} role="search" aria-label="Filter jobs">
      <TextInput
        className={classes.field}
        type="search"
        value={text}
        onChange={({ currentTarget }) => type(currentTarget.value)}
        placeholder="Name, id or kind"
        aria-label="Search jobs"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
      />
      <NativeSelect
        aria-label="Kind of job"
        value={kind.length === 1 ? kind[0] : kind.length ? "several" : ""}
        onChange={({ currentTarget: { value } }) => change({ kind: value ? [value] : undefined })}
        data={[
          { value: "", label: "All kinds" },
          ...(kind.length > 1 ? [{ value: "several", label: kind.map(kindName).join(", ") }] : []),
          ...choices.map((each) => ({ value: each, label: kindName(each) })),
        ]}
      />
      <div className={classes.states} role="group" aria-label="State">
        {JOB_STATES.map((each) => (
          <button key={each} type="button" className={classes.state} aria-pressed={state.includes(each)} onClick={() => toggle(each)}>
            {STATE_NAMES[each]}
          </button>
        ))}
      </div>
    </div>
  );
}

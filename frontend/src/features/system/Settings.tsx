import "@mantine/core/styles/Input.layer.css";

import { Skeleton, Table, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { systemQuery } from "@/client/queries/lists";
import { Section } from "@/components/page/Page";
import { CardTable } from "@/components/table/CardTable";
import { Words } from "@/components/Words";
import { UNKNOWN } from "@/lib/format";

import type { SystemSearch } from "./search";
import { found, inStack, type Setting } from "./settings";
import classes from "./System.module.css";

/** The settings in force, where each came from, and what it is for. */
export function Settings() {
  const { data } = useQuery(systemQuery);
  const { q = "" }: SystemSearch = useSearch({ from: "/system" });
  const navigate = useNavigate({ from: "/system" });
  const shown = data ? found(data.settings, q) : [];
  const field = (
    <TextInput
      type="search"
      size="xs"
      leftSection={<IconSearch size={14} aria-hidden />}
      placeholder="Search in the settings"
      aria-label="Search in the settings"
      value={q}
      onChange={({ currentTarget }) =>
        void navigate({
          search: (before: SystemSearch) => ({ ...before, q: currentTarget.value || undefined }),
          replace: true,
          resetScroll: false,
        })
      }
    />
  );
  return (
    <Section title="Settings in force" aside={field}>
      <p className={classes.dim}>
        They are read once, at the start: set them in the environment or in <code>.env</code>, then run{" "}
        <code>{data && inStack(data.settings) ? "docker compose up -d" : "tunesmith down && tunesmith up"}</code>.
      </p>
      {!data && <Skeleton height={400} />}
      {data && (
        <>
          <CardTable label="Table of settings" least={800}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Setting</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>Set by</Table.Th>
                <Table.Th>What it is for</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((each) => (
                <Row key={each.name} setting={each} />
              ))}
            </Table.Tbody>
          </CardTable>
          {shown.length === 0 && <p className={classes.none}>No setting has “{q}” in its name, value or description.</p>}
        </>
      )}
    </Section>
  );
}

function Row({ setting: { name, value, source, description } }: { setting: Setting }) {
  return (
    <Table.Tr className={source === "default" ? undefined : classes.set}>
      <Table.Td>
        <code>{name}</code>
      </Table.Td>
      <Table.Td className={classes.value} data-label="Value">
        {value || <span className={classes.dim}>{UNKNOWN}</span>}
      </Table.Td>
      <Table.Td data-label="Set by">{source}</Table.Td>
      <Table.Td>
        <Words text={description} />
      </Table.Td>
    </Table.Tr>
  );
}

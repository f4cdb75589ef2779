import { IconAlertTriangle, IconExternalLink } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";

import type { Dataset } from "@/client/types";
import { webAddress } from "@/lib/address";
import { bytes, count, plural, UNKNOWN } from "@/lib/format";

import classes from "./DatasetTable.module.css";
import { FORMAT_WORDS } from "./look";

const ROW_PX = 36;

/** Only what is in sight is drawn; above and below stands an empty line as high as the rest. */
export function DatasetTable({ datasets }: { datasets: Dataset[] }) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: datasets.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const drawn = virtual.getVirtualItems();
  const above = drawn[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <div ref={box} className={classes.box} role="region" aria-label="Data sets" tabIndex={0}>
      <table className={classes.table} aria-rowcount={datasets.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Name</th>
            <th scope="col" data-number>
              Rows
            </th>
            <th scope="col" data-wide>
              Format
            </th>
            <th scope="col" data-number data-wide>
              Size
            </th>
            <th scope="col" data-wide>
              Source
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Gap height={above} />}
          {drawn.map(({ index }) => {
            const dataset = datasets[index];
            return dataset ? <SetRow key={dataset.name} dataset={dataset} index={index} /> : null;
          })}
          {below > 0 && <Gap height={below} />}
        </tbody>
      </table>
    </div>
  );
}

function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={5} />
    </tr>
  );
}

function SetRow({ dataset, index }: { dataset: Dataset; index: number }) {
  const { name, rows, format, bytes: size, bad_count, problems } = dataset;
  const broken = problems.length > 0;
  return (
    <tr aria-rowindex={index + 2} style={{ height: ROW_PX }}>
      <th scope="row">
        <span className={classes.name}>
          <Link to="/data/$name" params={{ name }} className={classes.link} dir="auto" title={name}>
            {name}
          </Link>
          {broken && (
            <span className={classes.problem} title={problems.join("\n")}>
              <IconAlertTriangle size={16} aria-hidden /> can’t be used
            </span>
          )}
          {bad_count > 0 && <span className={classes.note}>{plural(bad_count, "row")} left out</span>}
        </span>
      </th>
      <td data-number>{broken ? UNKNOWN : count(rows)}</td>
      <td data-wide>{FORMAT_WORDS[format]}</td>
      <td data-number data-wide>
        {broken ? UNKNOWN : bytes(size)}
      </td>
      <td data-wide>
        <SourceOf dataset={dataset} />
      </td>
    </tr>
  );
}

/** Where its rows are from; a link back to the page where they can be changed. */
export function SourceOf({ dataset: { source, link, made_outside } }: { dataset: Dataset }) {
  const address = webAddress(link);
  const said = source ?? (made_outside ? "registered by hand or by another tool" : UNKNOWN);
  if (!address) {
    return (
      <span className={classes.source} dir="auto" title={said}>
        {said}
      </span>
    );
  }
  return (
    <a href={address} target="_blank" rel="noreferrer" className={classes.source} dir="auto" title={said}>
      {said} <IconExternalLink size={14} aria-hidden />
      <span className="spoken"> (opens easy-dataset)</span>
    </a>
  );
}

import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

import type { Job } from "@/client/types";

import { JobRow } from "./JobRow";
import classes from "./JobTable.module.css";

const ROW_PX = 40;
const PHONE_ROW_PX = 80;
/** So many rows before the last one the next page is fetched. */
const AHEAD = 40;

interface Props {
  jobs: Job[];
  /** There are no more than these. */
  whole: boolean;
  more: () => void;
}

/** Jobs as a table of which only the rows in sight are drawn. */
export function JobTable({ jobs, whole, more }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const phone = useMediaQuery("(max-width: 720px)", undefined, { getInitialValueInEffect: false });
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => box.current,
    estimateSize: () => (phone ? PHONE_ROW_PX : ROW_PX),
    getItemKey: (index) => jobs[index]?.id ?? index,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];
  const near = (last?.index ?? 0) >= jobs.length - AHEAD;
  useEffect(() => {
    if (near) more();
  }, [near, more, jobs.length]);
  const below = virtual.getTotalSize() - (last?.end ?? 0);
  return (
    <div ref={box} className={classes.box} role="region" aria-label="Jobs" tabIndex={0}>
      <table className={classes.table} aria-rowcount={whole ? jobs.length + 1 : -1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className={classes.state}>
              State
            </th>
            <th scope="col">Job</th>
            <th scope="col" className={classes.kind}>
              Kind
            </th>
            <th scope="col" className={classes.progress}>
              Progress
            </th>
            <th scope="col" className={classes.took}>
              Took
            </th>
            <th scope="col" className={classes.when}>
              Asked for
            </th>
          </tr>
        </thead>
        <tbody>
          {first && first.start > 0 && <Gap height={first.start} />}
          {items.map(({ index, key, size }) => {
            const job = jobs[index];
            return job && <JobRow key={key} job={job} index={index} height={size} />;
          })}
          {below > 0 && <Gap height={below} />}
        </tbody>
      </table>
    </div>
  );
}

/** Room for rows that aren't drawn. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td className={classes.gap} />
    </tr>
  );
}

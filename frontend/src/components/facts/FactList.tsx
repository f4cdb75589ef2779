import type { ReactNode } from "react";

import classes from "./FactList.module.css";

export type Fact = [name: string, value: ReactNode];

/** What is known of a thing, a name and a value each. */
export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

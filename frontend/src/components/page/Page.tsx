import { Skeleton } from "@mantine/core";
import { useEffect, type ReactNode } from "react";

import classes from "./Page.module.css";

interface Props {
  title: string;
  /** What this page is for, or the state of what it shows; one line. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** As high as the window, for pages that scroll inside (logs, long tables). */
  full?: boolean;
  children: ReactNode;
}

/** A page's frame: its heading, what can be done here, its content. Names the browser's tab. */
export function Page({ title, lead, actions, full = false, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Tunesmith`;
  }, [title]);
  return (
    <div className={classes.page} data-full={full || undefined}>
      <header className={classes.header}>
        <div className={classes.words}>
          <h1 className={classes.title} tabIndex={-1}>
            {title}
          </h1>
          {lead && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** In the place of a lead that isn't known yet, as high as its line: nothing below moves when it comes. */
export function LeadLoading() {
  return <Skeleton height="1.5em" width={240} />;
}

/** A part of a page with its own heading. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHeader}>
        <h2 className={classes.sectionTitle}>{title}</h2>
        {aside && <div className={classes.aside}>{aside}</div>}
      </div>
      {children}
    </section>
  );
}

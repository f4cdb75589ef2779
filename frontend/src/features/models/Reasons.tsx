import { IconAlertTriangle } from "@tabler/icons-react";

import classes from "./Unreadable.module.css";

/** What speaks against using something, as sentences of the API. */
export function Reasons({ title, reasons, remedy }: { title: string; reasons: readonly string[]; remedy?: string }) {
  if (reasons.length === 0) return null;
  return (
    <div className={classes.unreadable} role="note">
      <strong>
        <IconAlertTriangle size={16} aria-hidden /> {title}
      </strong>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {remedy}
    </div>
  );
}

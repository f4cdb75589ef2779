import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

import classes from "./Copyable.module.css";

/** A button that copies `value`; `what` says what that is. */
export function Copy({ value, what }: { value: string; what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : `Copy ${what}`}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={`Copy ${what}`}>
            {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A command or other text to take away, in the type of machines. */
export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div className={classes.block}>
      {/* A region that scrolls is reached by keyboard, too. */}
      <pre className={classes.code} tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <div className={classes.copy}>
        <Copy value={text} what={what} />
      </div>
    </div>
  );
}

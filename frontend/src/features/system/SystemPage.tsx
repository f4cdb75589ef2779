import { Page } from "@/components/page/Page";

import { DiskUse } from "./DiskUse";
import { Doctor } from "./Doctor";
import { Machine } from "./Machine";
import { OwnLog } from "./OwnLog";
import { Settings } from "./Settings";
import classes from "./System.module.css";
import { Toolboxes } from "./Toolboxes";
import { Versions } from "./Versions";

/** This installation: what ails it, what it is made of, where its bytes are, what it was told. */
export function SystemPage() {
  return (
    <Page title="System" lead="This installation: what ails it, what it is made of, where its bytes are, and what it was told.">
      <div className={classes.columns}>
        <div className={classes.column}>
          <Doctor />
          <Toolboxes />
        </div>
        <div className={classes.column}>
          <Machine />
          <Versions />
          <DiskUse />
        </div>
      </div>
      <Settings />
      <OwnLog />
    </Page>
  );
}

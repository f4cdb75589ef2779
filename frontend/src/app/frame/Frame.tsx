import { Outlet } from "@tanstack/react-router";
import { useRef } from "react";

import { Shortcuts } from "../palette/Shortcuts";
import { Banner } from "./Banner";
import { BottomBar } from "./BottomBar";
import classes from "./Frame.module.css";
import { FromBefore } from "./FromBefore";
import { Rail } from "./Rail";
import { TopBar } from "./TopBar";

/** What stands around every page. */
export function Frame() {
  const main = useRef<HTMLElement>(null);
  return (
    <div className={classes.frame}>
      <a
        href="#main"
        className={classes.skip}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the page
      </a>
      <Rail />
      <div className={classes.rest}>
        <TopBar />
        <Banner />
        <FromBefore />
        <main id="main" ref={main} tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Shortcuts />
    </div>
  );
}

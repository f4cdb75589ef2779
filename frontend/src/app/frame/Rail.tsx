import { Link } from "@tanstack/react-router";

import { HOUSE, WORK, type PageEntry } from "./pages";
import classes from "./Rail.module.css";

/** The pages, in the order of the work. */
export function Rail() {
  return (
    <nav className={classes.rail} aria-label="Pages">
      <Link to="/" className={classes.brand} aria-label="Tunesmith, home">
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span className={classes.word}>Tunesmith</span>
      </Link>
      <Entries entries={WORK} />
      <div className={classes.rule} />
      <Entries entries={HOUSE} />
    </nav>
  );
}

function Entries({ entries }: { entries: readonly PageEntry[] }) {
  return (
    <ul className={classes.list}>
      {entries.map(({ to, label, icon: Icon }) => (
        <li key={to}>
          <Link
            to={to}
            className={classes.entry}
            activeOptions={{ exact: to === "/", includeSearch: false }}
            activeProps={{ "data-active": true, "aria-current": "page" }}
            title={label}
          >
            <Icon size={20} stroke={1.6} aria-hidden />
            <span className={classes.word}>{label}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

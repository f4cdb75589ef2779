import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCommand, IconKeyboard, IconLogout, IconMoon, IconSun, IconSunMoon, IconUser } from "@tabler/icons-react";
import { Link, useMatches } from "@tanstack/react-router";
import { Fragment } from "react";

import { openPalette, openShortcuts } from "../palette/open";
import { RunningJob } from "./RunningJob";
import classes from "./TopBar.module.css";

/** Where I am, what runs, and the way to everything. */
export function TopBar() {
  return (
    <header className={classes.bar}>
      <Crumbs />
      <RunningJob />
      <button type="button" className={classes.palette} onClick={openPalette} aria-label="Ctrl K: go to anything">
        <IconCommand size={16} aria-hidden />
        <span className={classes.hint}>Ctrl K</span>
      </button>
      <PersonMenu />
    </header>
  );
}

function Crumbs() {
  const match = useMatches().at(-1);
  const crumbs = match?.staticData.crumbs?.(match.params) ?? [];
  return (
    <nav aria-label="Where this page is" className={classes.crumbs}>
      {crumbs.map(({ label, to }, index) => (
        <Fragment key={label}>
          {index > 0 && <span aria-hidden> / </span>}
          {to ? (
            <Link to={to} className={classes.crumb}>
              {label}
            </Link>
          ) : (
            <span aria-current="page" title={label}>
              {label}
            </span>
          )}
        </Fragment>
      ))}
    </nav>
  );
}

const SCHEMES = [
  { value: "auto", label: "As the system", icon: IconSunMoon },
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
] as const;

function PersonMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={220} withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Appearance, shortcuts, log out">
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Appearance</Menu.Label>
        {SCHEMES.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={colorScheme === value ? "✓" : null}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={openShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={logOut}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A form of its own: logging out is a write, and ends with the login page. */
function logOut(): void {
  void fetch("/auth/logout", { method: "POST" }).finally(() => location.assign("/auth/login"));
}

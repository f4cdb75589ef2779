import { Menu, UnstyledButton } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";

import classes from "./BottomBar.module.css";
import { ON_PHONE, PAGES } from "./pages";

/** The rail of a phone: five pages, and a menu of the others. */
export function BottomBar() {
  const navigate = useNavigate();
  return (
    <nav className={classes.bar} aria-label="Pages">
      {PAGES.filter((page) => ON_PHONE.includes(page.to)).map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={classes.entry}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          activeProps={{ "data-active": true, "aria-current": "page" }}
        >
          <Icon size={22} stroke={1.6} aria-hidden />
          {label}
        </Link>
      ))}
      <Menu position="top-end" withinPortal>
        <Menu.Target>
          <UnstyledButton className={classes.entry}>
            <IconMenu2 size={22} stroke={1.6} aria-hidden />
            More
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {PAGES.filter((page) => !ON_PHONE.includes(page.to)).map(({ to, label, icon: Icon }) => (
            <Menu.Item key={to} leftSection={<Icon size={18} aria-hidden />} onClick={() => void navigate({ to })}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}

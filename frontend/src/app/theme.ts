import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent: the green of an old spruce top. Shade 7 carries white text at 5.2 : 1. */
const spruce: MantineColorsTuple = [
  "#eef7f3",
  "#dcece5",
  "#b7d9cb",
  "#8ec5af",
  "#6bb497",
  "#54a988",
  "#3f8f71",
  "#2c755b",
  "#226550",
  "#17503f",
];

/** What destroys. Shade 7 carries white text at 6.5 : 1. */
const red: MantineColorsTuple = [
  "#fdf1f0",
  "#f9dedc",
  "#f2b8b5",
  "#ec928e",
  "#e46962",
  "#dc4a41",
  "#c5362d",
  "#b3261e",
  "#8c1d18",
  "#601410",
];

export const theme = createTheme({
  colors: { spruce, red },
  primaryColor: "spruce",
  primaryShade: { light: 7, dark: 7 },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 100 } } },
    Modal: {
      defaultProps: {
        transitionProps: { duration: 120 },
        closeButtonProps: { "aria-label": "Close" },
        // A dialog's head isn't a second banner of the page.
        attributes: { header: { role: "presentation" } },
      },
    },
    Button: { defaultProps: { size: "sm" } },
    // Colour alone doesn't tell a link from the text around it.
    Anchor: { defaultProps: { underline: "always" } },
  },
});

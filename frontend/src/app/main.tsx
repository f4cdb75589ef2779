import "./mantine.css";
import "./global.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { loadAhead } from "./ahead";
import { App } from "./App";
import { queryClient } from "./queryClient";
import { router } from "./router";
import { logIn } from "@/client/api";
import { Live } from "@/client/live";
import { streams } from "@/client/stream/connect";

const link = streams();
const live = new Live(queryClient);
link.subscribe(live.take);
link.subscribeStanding(() => {
  const { standing } = link.standing();
  if (standing === "open") live.catchUp();
  if (standing === "locked") logIn();
});

// What the page shows is asked for while React draws the frame.
void router.load();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
loadAhead();

import { configure } from "@testing-library/react";

/** What a page should show is waited for however busy the machine is: only what never comes takes longer. */
configure({ asyncUtilTimeout: 60_000 });

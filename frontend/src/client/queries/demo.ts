import { api, dataOf } from "../api";

/** The facts of the README's demo: another seed invents others. */
export const DEMO_SEED = 20;

/** Facts that no model knows, as rows. The answer names the job that makes them; none when they are there. */
export const makeDemoRows = (base: string) => dataOf(api.POST("/api/demo/facts", { body: { seed: DEMO_SEED, base } }));

/** The rows as a data set, once they are made. */
export const addDemoRows = () => dataOf(api.POST("/api/demo/rows", { body: { seed: DEMO_SEED } }));

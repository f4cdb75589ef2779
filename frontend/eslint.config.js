import boundaries from "eslint-plugin-boundaries";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** app → features → components → lib, client; a feature knows no other feature. */
const rooms = [
  { type: "app", pattern: "src/app/**", partialMatch: false },
  { type: "feature", pattern: "src/features/*/**", partialMatch: false, capture: ["feature"] },
  { type: "components", pattern: "src/components/**", partialMatch: false },
  { type: "lib", pattern: "src/lib/**", partialMatch: false },
  { type: "client", pattern: "src/client/**", partialMatch: false },
];

const to = (...types) => types.map((type) => ({ to: { element: { type } } }));

const policies = [
  { from: { element: { type: "app" } }, allow: to("app", "feature", "components", "lib", "client") },
  {
    from: { element: { type: "feature" } },
    allow: [
      { to: { element: { type: "feature", captured: { feature: "{{from.element.captured.feature}}" } } } },
      ...to("components", "lib", "client"),
    ],
  },
  { from: { element: { type: "components" } }, allow: to("components", "lib", "client") },
  { from: { element: { type: "lib" } }, allow: to("lib", "client") },
  { from: { element: { type: "client" } }, allow: to("client", "lib") },
];

export default tseslint.config(
  { ignores: ["dist", "dist.*", "node_modules", "public", "src/client/schema.d.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js", "budget.mjs", "vitest.setup.ts"] } } },
    plugins: { boundaries, "react-hooks": reactHooks, "jsx-a11y": jsxA11y },
    settings: {
      "boundaries/elements": rooms,
      "import/resolver": { typescript: { project: "tsconfig.json" } },
    },
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...jsxA11y.configs.recommended.rules,
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: ["pre", "main"], roles: ["tabpanel", "region", "log"], allowExpressionValues: true }],
      "boundaries/dependencies": ["error", { default: "disallow", policies }],
      "no-restricted-imports": ["error", { patterns: ["../../../*"] }],
      "max-lines": ["error", { max: 320, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
    },
  },
  { files: ["eslint.config.js", "*.mjs"], ...tseslint.configs.disableTypeChecked },
);

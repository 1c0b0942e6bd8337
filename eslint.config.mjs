import js from "@eslint/js";
import tseslint from "typescript-eslint";

// The three slips of a Pulumi program that a linter can see.
const pulumiSlips = [
  {
    selector: "CallExpression[callee.property.name='apply'] NewExpression[callee.type='MemberExpression']",
    message: "A resource made inside apply is missing from previews while its input is unknown.",
  },
  {
    selector:
      "ClassDeclaration[superClass.property.name='ComponentResource'] CallExpression[callee.type='Super'][arguments.length<4]",
    message: "super(type, name, args, opts): with three arguments parent, provider and aliases are lost in silence.",
  },
  {
    selector:
      "ClassDeclaration[superClass.property.name='ComponentResource'] NewExpression[callee.type='MemberExpression'][arguments.length<3]",
    message: "A child of a component is parented to it: pass { parent: this }.",
  },
];

export default tseslint.config(
  { ignores: ["node_modules", "dist", ".local*/**", "**/*.mjs"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  { files: ["infra/**/*.ts"], rules: { "no-restricted-syntax": ["error", ...pulumiSlips] } },
  // describe and it return nothing worth awaiting.
  { files: ["test/**/*.ts", "**/*.test.ts"], rules: { "@typescript-eslint/no-floating-promises": "off" } },
  {
    files: ["index.ts", "infra/**/*.ts", "pipelines/**/*.ts", "services/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "(^|/)local/", message: "The product never imports the local stack." }] },
      ],
    },
  },
);

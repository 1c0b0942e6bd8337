import { parse, stringify } from "yaml";

interface Configuration {
  readonly config: {
    "recommender:cluster": { readonly pools: Record<string, object> };
    "recommender:platform": object;
    "recommender:recommenders": { readonly books: object & { readonly serving?: object } };
  };
}

/** Settings of the books recommender that a test changes. */
export interface BooksChanges {
  readonly neighbours?: number;
  readonly serving?: { readonly modelVersion: string };
}

/** The configuration with other settings of the books recommender. */
export function withBooks(text: string, { serving, ...others }: BooksChanges): string {
  return changed(text, ({ "recommender:recommenders": { books } }) =>
    Object.assign(books, others, { serving: { ...books.serving, ...serving } }),
  );
}

/** The configuration with pools that cannot exist, and a setting that does not. */
export function brokenConfiguration(text: string): string {
  const pool = { kind: "cpu", nodeType: "GP1-XS", minNodes: 0, maxNodes: 1 };
  return changed(text, (config) => {
    Object.assign(config["recommender:cluster"].pools, {
      crossed: { ...pool, minNodes: 3, maxNodes: 2 },
      unknown: { ...pool, nodeType: "GPU-9000" },
      blind: { ...pool, kind: "gpu" },
      abroad: { ...pool, zone: "nl-ams-1" },
    });
    Object.assign(config["recommender:platform"], { surprise: 1 });
  });
}

/** What is said of each mistake: its key, its value and the remedy. */
export const REFUSALS: readonly RegExp[] = [
  /has 5 mistakes:/,
  /pools\.crossed\.minNodes is 3, but must be at most maxNodes, which is 2: raise maxNodes or lower minNodes/,
  /pools\.unknown\.nodeType is "GPU-9000", but must be one of .*L4-1-24G/,
  /pools\.blind\.nodeType is "GP1-XS", but must be a type with a GPU, since kind is gpu: .*L4-1-24G/,
  /pools\.abroad\.zone is "nl-ams-1", but must be a zone of region fr-par, such as fr-par-1/,
  /platform\.surprise is 1, but there is no such setting/,
];

function changed(text: string, change: (config: Configuration["config"]) => void): string {
  const configuration = parse(text) as Configuration;
  change(configuration.config);
  // The engine reads unquoted times as times.
  return stringify(configuration, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
}

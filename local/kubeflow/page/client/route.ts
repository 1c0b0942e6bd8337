/** Which runs a list shows. */
export interface RunFilter {
  readonly experiment?: string;
  readonly pipeline?: string;
  readonly state?: string;
  /** Whether archived runs are shown instead of the others. */
  readonly archived?: boolean;
  /** Where the page begins, as the API said. */
  readonly token?: string;
}

/** A place of the page; each has an address, which can be kept and sent. */
export type Route =
  | { readonly at: "runs"; readonly filter: RunFilter }
  | { readonly at: "run"; readonly run: string; readonly task?: string }
  | { readonly at: "compare"; readonly left: string; readonly right: string }
  | { readonly at: "pipelines" }
  | { readonly at: "pipeline"; readonly pipeline: string; readonly version?: string }
  | { readonly at: "recurring" }
  | { readonly at: "nowhere" };

/** Part of the address behind `#` that leads to a route. */
export function addressOf(route: Route): string {
  switch (route.at) {
    case "runs":
      return `#/runs${queryOf(route.filter)}`;
    case "run":
      return path("runs", route.run, ...(route.task === undefined ? [] : ["tasks", route.task]));
    case "compare":
      return path("compare", route.left, route.right);
    case "pipelines":
      return "#/pipelines";
    case "pipeline": {
      const { pipeline, version } = route;
      return path("pipelines", pipeline, ...(version === undefined ? [] : ["versions", version]));
    }
    case "recurring":
      return "#/recurring";
    case "nowhere":
      return "#/";
  }
}

/** The route of an address; an empty one is the list of runs. Undefined for a place within the page, such as `#content`. */
export function routeOf(hash: string): Route | undefined {
  if (hash !== "" && hash !== "#" && !hash.startsWith("#/")) return undefined;
  const [address = "", query = ""] = hash.slice(2).split("?", 2);
  const parts = address.split("/").filter((part) => part !== "");
  const [place = "runs", ...rest] = parts.map(decoded);
  const [first, second, third] = rest;
  if (rest.includes(undefined)) return { at: "nowhere" };
  if (place === "runs" && rest.length === 0) return { at: "runs", filter: filterOf(query) };
  if (place === "runs" && first && rest.length === 1) return { at: "run", run: first };
  if (place === "runs" && first && second === "tasks" && third && rest.length === 3)
    return { at: "run", run: first, task: third };
  if (place === "compare" && first && second && rest.length === 2) return { at: "compare", left: first, right: second };
  if (place === "pipelines" && rest.length === 0) return { at: "pipelines" };
  if (place === "pipelines" && first && rest.length === 1) return { at: "pipeline", pipeline: first };
  if (place === "pipelines" && first && second === "versions" && third && rest.length === 3)
    return { at: "pipeline", pipeline: first, version: third };
  if (place === "recurring" && rest.length === 0) return { at: "recurring" };
  return { at: "nowhere" };
}

const path = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join("/")}`;

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // half of an escape: nobody's address
  }
}

function queryOf({ experiment, pipeline, state, archived, token }: RunFilter): string {
  const values = { experiment, pipeline, state, archived: archived ? "yes" : undefined, token };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
  return query.size === 0 ? "" : `?${query.toString()}`;
}

function filterOf(query: string): RunFilter {
  const values = new URLSearchParams(query);
  const value = (name: string): string | undefined => values.get(name) || undefined;
  return {
    experiment: value("experiment"),
    pipeline: value("pipeline"),
    state: value("state"),
    archived: value("archived") === "yes" || undefined,
    token: value("token"),
  };
}

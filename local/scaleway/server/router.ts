import type { Route } from "./call";

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
}

/** Finds the route of a request; what no product declares is undefined. */
export class Router {
  private readonly compiled: Compiled[];

  constructor(routes: readonly Route[]) {
    this.compiled = routes.map((route) => ({ route, pattern: compile(route.path) }));
  }

  find(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
    for (const { route, pattern } of this.compiled) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match) return { route, params: decodeAll(match.groups ?? {}) };
    }
    return undefined;
  }
}

function compile(path: string): RegExp {
  const source = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${source}$`);
}

function decodeAll(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

/** A segment that is not valid percent-encoding names nothing, so it stays as it is and is not found. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

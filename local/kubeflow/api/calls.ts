import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError, invalid } from "./errors";

/** Values of the query; of a repeated one the first. */
export function queryOf(request: FastifyRequest): Readonly<Partial<Record<string, string>>> {
  const given = request.query as Record<string, string | string[]>;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, typeof value === "string" ? value : value[0]]),
  );
}

export function paramOf(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? "";
}

type Action = (id: string, request: FastifyRequest) => Promise<unknown>;

/** Serves `POST <path>/<id>:<verb>`. */
export function actions(app: FastifyInstance, path: string, verbs: Readonly<Record<string, Action>>): void {
  app.post(`${path}/:target`, (request) => {
    const [id, verb] = splitTarget(paramOf(request, "target"));
    const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!action) throw new ApiError(5, "Not Found");
    return action(id, request);
  });
}

/** `name:verb` in its parts; the verb is empty where there is none. */
export function splitTarget(target: string): [name: string, verb: string] {
  const at = target.lastIndexOf(":");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

/** A whole number that is not negative, of the query. */
export function countOf(name: string, given: string | undefined): number | undefined {
  if (!given) return undefined;
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 0) throw invalid(`${name} "${given}" must be a whole number from 0.`);
  return count;
}

import { z } from "zod";
import { organizationOf } from "../iam/rights";
import { type Platform, type Timestamps, newborn, requireRights, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { notFound, preconditionFailed } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional, resourceName } from "../server/validation";
import { projectIsEmpty } from "./contents";

export interface Project extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly organization_id: string;
}

const BASE = "/account/v3/projects";

/** Projects of the organization; the default one is always there and cannot be deleted. */
export function projectRoutes({ store, instance }: Platform): Route[] {
  const projects = store.collection<Project>("account-projects");
  const { organizationId, projectId } = instance.account;
  const all = (): Project[] => [
    {
      id: projectId,
      name: "default",
      description: "",
      organization_id: organizationId,
      created_at: "2026-01-01T00:00:00Z",
      updated_at: "2026-01-01T00:00:00Z",
    },
    ...projects.all(),
  ];
  const existing = (id: string): Project => {
    const found = all().find((each) => each.id === id);
    if (!found) throw notFound("project_id", id);
    return found;
  };
  const view = (project: Project) => ({ ...project, qualification: null });

  return [
    route("POST", BASE, "account.CreateProject", (call) => {
      requireRights(call, projectId);
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          description: optional(z.string()),
          organization_id: optional(z.string()),
        }),
      );
      const base = newborn();
      return ok(
        view(
          projects.put({
            ...base,
            name: body.name ?? `proj-${base.id.slice(0, 8)}`,
            description: body.description ?? "",
            organization_id: organizationOf(instance, body.organization_id),
          }),
        ),
      );
    }),
    route("GET", BASE, "account.ListProjects", (call) => {
      requireRights(call, projectId);
      return ok(page(call, "projects", all().map(view)));
    }),
    route("GET", `${BASE}/{id}`, "account.GetProject", (call) => {
      const project = existing(param(call, "id"));
      requireRights(call, project.id);
      return ok(view(project));
    }),
    route("PATCH", `${BASE}/{id}`, "account.UpdateProject", (call) => {
      const project = existing(param(call, "id"));
      requireRights(call, project.id);
      if (project.id === projectId)
        throw preconditionFailed("protected_resource", "the default project of the local account is fixed");
      const { name, description } = bodyOf(
        call,
        z.object({ name: optional(resourceName), description: optional(z.string()) }),
      );
      return ok(
        view(
          projects.put({
            ...project,
            name: name ?? project.name,
            description: description ?? project.description,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "account.DeleteProject", (call) => {
      const { id } = existing(param(call, "id"));
      requireRights(call, id);
      if (id === projectId)
        throw preconditionFailed("protected_resource", "the default project of the local account is fixed");
      if (!projectIsEmpty(store, id))
        throw preconditionFailed("resource_not_usable", "the project still holds resources");
      projects.delete(id);
      return noContent;
    }),
  ];
}

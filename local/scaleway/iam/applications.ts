import { z } from "zod";
import { type Platform, newborn, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { notFound } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, resourceName, tags } from "../server/validation";
import { organizationOf, requireIamRights } from "./rights";
import type { ApiKey, Application, Policy } from "./records";

const BASE = "/iam/v1alpha1/applications";

/** Applications: identities of programs, to which policies and API keys belong. */
export function applicationRoutes({ store, instance }: Platform): Route[] {
  const applications = store.collection<Application>("iam-applications");
  const policies = store.collection<Policy>("iam-policies");
  const keys = store.collection<ApiKey>("iam-api-keys");
  const view = (application: Application) => ({
    ...application,
    editable: true,
    deletable: true,
    managed: false,
    nb_api_keys: keys.filter(({ application_id }) => application_id === application.id).length,
  });
  const existing = (id: string): Application => {
    const found = applications.get(id);
    if (!found) throw notFound("application", id);
    return found;
  };

  return [
    route("POST", BASE, "iam.CreateApplication", (call) => {
      requireIamRights(call);
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          description: optional(z.string()),
          organization_id: optional(z.string()),
          tags,
        }),
      );
      const base = newborn();
      return ok(
        view(
          applications.put({
            ...base,
            name: body.name ?? `app-${base.id.slice(0, 8)}`,
            description: body.description ?? "",
            organization_id: organizationOf(instance, body.organization_id),
            tags: body.tags ?? [],
          }),
        ),
      );
    }),
    route("GET", BASE, "iam.ListApplications", (call) => {
      requireIamRights(call);
      const found = matching(call, applications.all(), { name: (each) => each.name });
      return ok(page(call, "applications", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "iam.GetApplication", (call) => {
      requireIamRights(call);
      return ok(view(existing(param(call, "id"))));
    }),
    route("PATCH", `${BASE}/{id}`, "iam.UpdateApplication", (call) => {
      requireIamRights(call);
      const application = existing(param(call, "id"));
      const {
        name,
        description,
        tags: newTags,
      } = bodyOf(call, z.object({ name: optional(resourceName), description: optional(z.string()), tags }));
      return ok(
        view(
          applications.put({
            ...application,
            name: name ?? application.name,
            description: description ?? application.description,
            tags: newTags ?? application.tags,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "iam.DeleteApplication", (call) => {
      requireIamRights(call);
      const { id } = existing(param(call, "id"));
      // As on Scaleway, its keys end with it, and its policies stay without a principal.
      for (const key of keys.filter(({ application_id }) => application_id === id)) keys.delete(key.id);
      for (const policy of policies.filter(({ application_id }) => application_id === id))
        policies.put({ ...policy, application_id: undefined, no_principal: true, ...touched() });
      applications.delete(id);
      return noContent;
    }),
  ];
}

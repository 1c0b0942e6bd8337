import { z } from "zod";
import { type Platform, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { notFound } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf } from "../server/validation";
import { description, newDescription, newOwned, redescribed } from "./owned";
import { requireIamRights } from "./rights";
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
      const body = bodyOf(call, z.object(newDescription));
      return ok(view(applications.put(newOwned(instance, "app", body))));
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
      return ok(view(applications.put(redescribed(application, bodyOf(call, z.object(description))))));
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

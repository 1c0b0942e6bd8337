import { z } from "zod";
import { type Platform, newborn, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { notFound } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional, resourceName, tags } from "../server/validation";
import { organizationOf, requireIamRights } from "./rights";
import type { Group } from "./records";

const BASE = "/iam/v1alpha1/groups";

/** Groups of applications and users; policies of a group hold for its applications. */
export function groupRoutes({ store, instance }: Platform): Route[] {
  const groups = store.collection<Group>("iam-groups");
  const existing = (id: string): Group => {
    const found = groups.get(id);
    if (!found) throw notFound("group", id);
    return found;
  };
  const view = (group: Group) => ({ ...group, editable: true, deletable: true, managed: false });

  return [
    route("POST", BASE, "iam.CreateGroup", (call) => {
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
          groups.put({
            ...base,
            name: body.name ?? `grp-${base.id.slice(0, 8)}`,
            description: body.description ?? "",
            organization_id: organizationOf(instance, body.organization_id),
            tags: body.tags ?? [],
            user_ids: [],
            application_ids: [],
          }),
        ),
      );
    }),
    route("GET", BASE, "iam.ListGroups", (call) => {
      requireIamRights(call);
      return ok(page(call, "groups", groups.all().map(view)));
    }),
    route("GET", `${BASE}/{id}`, "iam.GetGroup", (call) => {
      requireIamRights(call);
      return ok(view(existing(param(call, "id"))));
    }),
    route("PATCH", `${BASE}/{id}`, "iam.UpdateGroup", (call) => {
      requireIamRights(call);
      const group = existing(param(call, "id"));
      const body = bodyOf(call, z.object({ name: optional(resourceName), description: optional(z.string()), tags }));
      return ok(
        view(
          groups.put({
            ...group,
            name: body.name ?? group.name,
            description: body.description ?? group.description,
            tags: body.tags ?? group.tags,
            ...touched(),
          }),
        ),
      );
    }),
    route("PUT", `${BASE}/{id}/members`, "iam.SetGroupMembers", (call) => {
      requireIamRights(call);
      const body = bodyOf(
        call,
        z.object({ user_ids: optional(z.array(z.string())), application_ids: optional(z.array(z.string())) }),
      );
      return ok(
        view(
          groups.put({
            ...existing(param(call, "id")),
            user_ids: body.user_ids ?? [],
            application_ids: body.application_ids ?? [],
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "iam.DeleteGroup", (call) => {
      requireIamRights(call);
      groups.delete(existing(param(call, "id")).id);
      return noContent;
    }),
  ];
}

import { z } from "zod";
import { type Platform, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { notFound } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional } from "../server/validation";
import { description, newDescription, newOwned, redescribed } from "./owned";
import { requireIamRights } from "./rights";
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
      const body = bodyOf(call, z.object(newDescription));
      return ok(view(groups.put({ ...newOwned(instance, "grp", body), user_ids: [], application_ids: [] })));
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
      return ok(view(groups.put(redescribed(group, bodyOf(call, z.object(description))))));
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

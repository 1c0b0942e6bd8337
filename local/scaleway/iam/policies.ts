import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Platform, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { breaksRule, invalidArguments, notFound } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional } from "../server/validation";
import { description, newDescription, newOwned, redescribed } from "./owned";
import { organizationOf, requireIamRights } from "./rights";
import type { Application, Group, Policy, Rule } from "./records";

const BASE = "/iam/v1alpha1/policies";

const ruleSchema = z.object({
  permission_set_names: z.array(z.string()).min(1, "a rule needs at least one permission set"),
  condition: optional(z.string()),
  project_ids: optional(z.array(z.string())),
  organization_id: optional(z.string()),
});

const principalSchema = {
  application_id: optional(z.string()),
  group_id: optional(z.string()),
  user_id: optional(z.string()),
  no_principal: optional(z.boolean()),
};

/** Policies and their rules, which are an endpoint of their own: they decide what API keys may do here too. */
export function policyRoutes(platform: Platform): Route[] {
  const { store, instance } = platform;
  const policies = store.collection<Policy>("iam-policies");
  const existing = (id: string): Policy => {
    const found = policies.get(id);
    if (!found) throw notFound("policy", id);
    return found;
  };

  const toRule = (rule: z.output<typeof ruleSchema>): Rule => {
    const { project_ids, organization_id } = rule;
    if ((project_ids === undefined) === (organization_id === undefined))
      throw breaksRule("rules", "a rule names either project_ids or organization_id");
    const unknown = project_ids?.find((id) => !platform.identity.projectExists(id));
    if (unknown !== undefined) throw notFound("project_id", unknown);
    return {
      id: randomUUID(),
      permission_set_names: rule.permission_set_names,
      permission_sets_scope_type: project_ids ? "projects" : "organization",
      condition: rule.condition ?? "",
      ...(project_ids ? { project_ids } : { organization_id: organizationOf(instance, organization_id) }),
    };
  };

  /** Exactly one principal, which must exist. */
  const principalOf = (body: z.output<z.ZodObject<typeof principalSchema>>): Partial<Policy> => {
    const { application_id, group_id, user_id, no_principal } = body;
    const named = [application_id, group_id, user_id, no_principal].filter(
      (each) => each !== undefined && each !== false,
    );
    if (named.length !== 1)
      throw invalidArguments({
        argument_name: "principal",
        reason: "constraint",
        help_message: "give exactly one of application_id, group_id, user_id and no_principal",
      });
    if (application_id !== undefined && !store.collection<Application>("iam-applications").get(application_id))
      throw notFound("application", application_id);
    if (group_id !== undefined && !store.collection<Group>("iam-groups").get(group_id))
      throw notFound("group", group_id);
    return { application_id, group_id, user_id, no_principal };
  };

  return [
    route("POST", BASE, "iam.CreatePolicy", (call) => {
      requireIamRights(call);
      const body = bodyOf(
        call,
        z.object({ ...newDescription, ...principalSchema, rules: optional(z.array(ruleSchema)) }),
      );
      const rules = (body.rules ?? []).map(toRule);
      return ok(view(policies.put({ ...newOwned(instance, "policy", body), rules, ...principalOf(body) })));
    }),
    route("GET", BASE, "iam.ListPolicies", (call) => {
      requireIamRights(call);
      const found = matching(call, policies.all(), { policy_name: (each) => each.name });
      return ok(page(call, "policies", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "iam.GetPolicy", (call) => {
      requireIamRights(call);
      return ok(view(existing(param(call, "id"))));
    }),
    route("PATCH", `${BASE}/{id}`, "iam.UpdatePolicy", (call) => {
      requireIamRights(call);
      const policy = existing(param(call, "id"));
      const body = bodyOf(call, z.object({ ...description, ...principalSchema }));
      const { application_id, group_id, user_id, no_principal } = body;
      const moves = [application_id, group_id, user_id, no_principal].some((each) => each !== undefined);
      return ok(view(policies.put({ ...redescribed(policy, body), ...(moves ? principalOf(body) : {}) })));
    }),
    route("DELETE", `${BASE}/{id}`, "iam.DeletePolicy", (call) => {
      requireIamRights(call);
      policies.delete(existing(param(call, "id")).id);
      return noContent;
    }),
    route("GET", "/iam/v1alpha1/rules", "iam.ListRules", (call) => {
      requireIamRights(call);
      return ok(page(call, "rules", existing(call.query.get("policy_id") ?? "").rules));
    }),
    route("PUT", "/iam/v1alpha1/rules", "iam.SetRules", (call) => {
      requireIamRights(call);
      const body = bodyOf(call, z.object({ policy_id: z.string(), rules: z.array(ruleSchema) }));
      const rules = body.rules.map(toRule);
      policies.put({ ...existing(body.policy_id), rules, ...touched() });
      return ok({ rules });
    }),
  ];
}

function view({ rules, ...policy }: Policy) {
  const sets = rules.flatMap(({ permission_set_names }) => permission_set_names);
  const scopes = rules.flatMap(({ project_ids, organization_id }) => project_ids ?? [organization_id]);
  return {
    ...policy,
    editable: true,
    deletable: true,
    managed: false,
    nb_rules: rules.length,
    nb_permission_sets: new Set(sets).size,
    nb_scopes: new Set(scopes).size,
  };
}

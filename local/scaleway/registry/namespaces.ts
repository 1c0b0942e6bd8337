import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Platform, find, newborn, projectFor, settled, touched, visible } from "../platform";
import { type Call, type Route, ok, param, route } from "../server/call";
import { ApiError, breaksRule } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, regionOf } from "../server/validation";
import type { Image, Namespace } from "./records";
import { registryRoot } from "./backend";

const BASE = "/registry/v1/regions/{region}/namespaces";

/** Registry namespaces: `rg.<region>.scw.cloud/<name>`, a name that is unique in its region. */
export function namespaceRoutes(platform: Platform): Route[] {
  const namespaces = platform.store.collection<Namespace>("registry-namespaces");
  const images = platform.store.collection<Image>("registry-images");
  const view = ({ stuck: _stuck, ...namespace }: Namespace) => {
    const own = images.filter(({ namespace_id }) => namespace_id === namespace.id);
    return {
      ...namespace,
      endpoint: `rg.${namespace.region}.scw.cloud/${namespace.name}`,
      image_count: new Set(own.map(({ name }) => name)).size,
      size: own.reduce((sum, { bytes }) => sum + bytes, 0),
      status_message: "",
    };
  };
  const existing = (call: Call): Namespace => {
    try {
      return find(call, namespaces, "namespace", param(call, "id"));
    } catch (error) {
      // The registry alone answers a missing object with a body of its own.
      if (error instanceof ApiError && error.status === 404)
        throw new ApiError(404, { message: "Namespace was not found" });
      throw error;
    }
  };
  const remove = (namespace: Namespace): void => {
    for (const image of images.filter(({ namespace_id }) => namespace_id === namespace.id)) images.delete(image.id);
    rmSync(join(registryRoot(platform.instance), "docker/registry/v2/repositories", namespace.name), {
      recursive: true,
      force: true,
    });
    namespaces.delete(namespace.id);
  };

  return [
    route("POST", BASE, "registry.CreateNamespace", (call) => {
      const body = bodyOf(
        call,
        z.object({
          name: z.string().regex(/^[a-z0-9][a-z0-9-]{3,49}$/, "must be 4 to 50 lower-case letters, digits and dashes"),
          description: optional(z.string()),
          project_id: optional(z.string()),
          is_public: optional(z.boolean()),
        }),
      );
      const region = regionOf(call);
      const project_id = projectFor(call, platform, body.project_id);
      if (namespaces.all().some((each) => each.name === body.name && each.region === region))
        throw breaksRule("name", `the namespace name "${body.name}" is taken in ${region}`);
      return ok(
        view(
          namespaces.put({
            ...newborn(),
            name: body.name,
            description: body.description ?? "",
            organization_id: platform.instance.account.organizationId,
            project_id,
            region,
            is_public: body.is_public ?? false,
            status: "ready",
          }),
        ),
      );
    }),
    route("GET", BASE, "registry.ListNamespaces", (call) => {
      regionOf(call);
      const found = matching(call, visible(call, namespaces.all()), { name: (each) => each.name });
      return ok(page(call, "namespaces", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "registry.GetNamespace", async (call) => {
      await settled(platform, call, () => namespaces.get(param(call, "id"))?.status === "deleting");
      return ok(view(existing(call)));
    }),
    route("PATCH", `${BASE}/{id}`, "registry.UpdateNamespace", (call) => {
      const namespace = existing(call);
      const body = bodyOf(call, z.object({ description: optional(z.string()), is_public: optional(z.boolean()) }));
      return ok(
        view(
          namespaces.put({
            ...namespace,
            description: body.description ?? namespace.description,
            is_public: body.is_public ?? namespace.is_public,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "registry.DeleteNamespace", (call) => {
      const deleting = { ...existing(call), status: "deleting" as const, ...touched() };
      if (call.stuck) namespaces.put({ ...deleting, stuck: true });
      else remove(deleting);
      return ok(view(deleting));
    }),
  ];
}

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { GRPC_PORT, HTTP_PORT, SERVICE_NAME, WEBHOOK_PORT } from "./surroundings";
import { podLabels } from "./workload";

export interface PipelineServiceArgs {
  readonly namespace: pulumi.Input<string>;
  /** Part that answers. */
  readonly component: string;
  /** Whether it speaks gRPC, too. */
  readonly grpc: boolean;
}

/** The address of a backend, by the name that every client knows. */
export function pipelineService(
  name: string,
  { namespace, component, grpc }: PipelineServiceArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Service {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: { namespace, name: SERVICE_NAME, labels: podLabels(component) },
      spec: {
        selector: podLabels(component),
        ports: [
          // The first port is the API's: clients that know no names of ports take that one.
          { name: "http", port: HTTP_PORT, targetPort: "http" },
          ...(grpc ? [{ name: "grpc", port: GRPC_PORT, targetPort: "grpc" }] : []),
          { name: "webhook", port: WEBHOOK_PORT, targetPort: "webhook" },
        ],
      },
    },
    opts,
  );
}

/** Where the REST API of the pipelines answers: a Service of a cluster, reached through its API server. */
export interface Backend {
  /** Secret. With a token or a certificate in it. */
  readonly kubeconfig: string;
  /** Which cluster it is, however often its kubeconfig is renewed. */
  readonly clusterId: string;
  readonly namespace: string;
  /** Name of the Service. */
  readonly service: string;
  /** Port of the REST API, plain http inside the cluster. */
  readonly port: number;
}

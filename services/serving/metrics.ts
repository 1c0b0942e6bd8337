import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What the service counts, in the text form of Prometheus; each figure bears the name of the model. Times in seconds. */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: "serving_request_duration_seconds",
    help: "Time from the head of a request to its answer.",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.0005, 0.001, 0.002, 0.004, 0.006, 0.01, 0.025, 0.1, 0.5, 1],
    registers: [this.registry],
  });

  readonly size = new Gauge({
    name: "serving_model_size",
    help: "Items or classes of the model being served; 0 before one is loaded.",
    registers: [this.registry],
  });

  readonly version = new Gauge({
    name: "serving_model_info",
    help: "1 for the version being served.",
    labelNames: ["version"] as const,
    registers: [this.registry],
  });

  readonly loads = new Counter({
    name: "serving_model_loads_total",
    help: "Models that were to be served: loaded, or refused because they are missing or broken.",
    labelNames: ["result"] as const,
    registers: [this.registry],
  });

  readonly problem = new Gauge({
    name: "serving_model_problem",
    help: "1 while another model should be served than the one that is.",
    registers: [this.registry],
  });

  constructor(model: string) {
    this.registry.setDefaultLabels({ model });
    collectDefaultMetrics({ register: this.registry });
    for (const result of ["loaded", "refused"]) this.loads.inc({ result }, 0);
  }
}

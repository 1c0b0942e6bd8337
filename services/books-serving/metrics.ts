import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What the service counts, in the text form of Prometheus. Times in seconds. */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: "books_request_duration_seconds",
    help: "Time from the head of a request to its answer.",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.0005, 0.001, 0.002, 0.004, 0.006, 0.01, 0.025, 0.1, 0.5, 1],
    registers: [this.registry],
  });

  readonly items = new Gauge({
    name: "books_model_items",
    help: "Items of the model being served; 0 before one is loaded.",
    registers: [this.registry],
  });

  readonly model = new Gauge({
    name: "books_model_info",
    help: "1 for the version being served.",
    labelNames: ["version"] as const,
    registers: [this.registry],
  });

  readonly loads = new Counter({
    name: "books_model_loads_total",
    help: "Changes of the model file: loaded, or refused because it is missing or broken.",
    labelNames: ["result"] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const result of ["loaded", "refused"]) this.loads.inc({ result }, 0);
  }
}

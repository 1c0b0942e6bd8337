import { Api, ApiFault } from "./api";
import { ask } from "./dialog";
import { render } from "./render";
import { addressOf, type Route, routeOf } from "./route";
import type { Load, Page, Screen } from "./screen";
import { compareScreen } from "./screens/compare";
import { pipelineScreen, pipelinesScreen } from "./screens/pipelines";
import { recurringScreen } from "./screens/recurring";
import { runScreen } from "./screens/run";
import { runsScreen } from "./screens/runs";
import { heading, link } from "./parts/common";
import { h } from "./view";

/** Milliseconds between two looks at what is live. */
const POLL = 1500;
/** While the backend does not answer. */
const POLL_IN_TROUBLE = 5000;

const MENU = [
  { label: "Runs", address: addressOf({ at: "runs", filter: {} }), places: ["runs", "run", "compare"] },
  { label: "Pipelines", address: addressOf({ at: "pipelines" }), places: ["pipelines", "pipeline"] },
  { label: "Recurring runs", address: addressOf({ at: "recurring" }), places: ["recurring"] },
];

/** One place that the user went to, until the next. */
class Visit {
  private readonly leaving = new AbortController();
  private readonly load: Load;
  private screen: Screen | undefined;
  private fault: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private loading: Promise<void> | undefined;

  constructor(private readonly route: Route) {
    this.load = screenOf(route, this.page());
  }

  end(): void {
    this.leaving.abort();
    clearTimeout(this.timer);
  }

  /** Loads what there is to see; once more at a time would show the older answer last. */
  refresh(): Promise<void> {
    this.loading ??= this.loadOnce().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async loadOnce(): Promise<void> {
    clearTimeout(this.timer);
    let trouble = false;
    try {
      this.screen = await this.load();
      this.fault = undefined;
    } catch (error) {
      if (this.leaving.signal.aborted) return;
      this.fault = (error as Error).message;
      trouble = !(error instanceof ApiFault) || error.status === 0 || error.status >= 500;
    }
    if (this.leaving.signal.aborted) return;
    this.draw();
    const again = trouble || this.screen?.live === true;
    if (again && !document.hidden) this.timer = setTimeout(() => void this.refresh(), trouble ? POLL_IN_TROUBLE : POLL);
  }

  private draw(): void {
    if (this.leaving.signal.aborted) return;
    const { screen, fault } = this;
    document.title = `${screen?.title ?? "Trouble"} · Pipelines`;
    const followed = [...document.querySelectorAll("[data-follow]")].filter(isAtEnd);
    render(part("menu"), [menu(this.route)]);
    render(part("fault"), fault === undefined ? [] : [h("p", { class: "failure" }, fault)]);
    render(part("content"), h("div", {}, screen ? screen.body() : [heading("h1", "Nothing to show")]).children);
    for (const element of followed) element.scrollTop = element.scrollHeight;
  }

  private page(): Page {
    const work = async (action: () => Promise<void>): Promise<void> => {
      try {
        await action();
        // What was asked for before the change must not be drawn after it.
        await this.loading;
        await this.refresh();
      } catch (error) {
        if (this.leaving.signal.aborted) return;
        this.fault = (error as Error).message;
        this.draw();
      }
    };
    return {
      api: new Api(this.leaving.signal),
      now: () => Date.now(),
      redraw: () => this.draw(),
      confirm: (question, action) =>
        void ask(question).then((yes) => (yes && !this.leaving.signal.aborted ? work(action) : undefined)),
      go: (address) => {
        location.hash = address;
      },
    };
  }
}

function screenOf(route: Route, page: Page): Load {
  switch (route.at) {
    case "runs":
      return runsScreen(page, route.filter);
    case "run":
      return runScreen(page, route.run, route.task);
    case "compare":
      return compareScreen(page, route.left, route.right);
    case "pipelines":
      return pipelinesScreen(page);
    case "pipeline":
      return pipelineScreen(page, route.pipeline, route.version);
    case "recurring":
      return recurringScreen(page);
    case "nowhere":
      return () => Promise.reject(new ApiFault("This address leads nowhere. Choose a place from the menu.", 404));
  }
}

function menu(route: Route) {
  return h(
    "ul",
    {},
    MENU.map(({ label, address, places }) =>
      h(
        "li",
        { key: label },
        {
          ...link(address, label),
          attributes: { href: address, "aria-current": places.includes(route.at) && "page" },
        },
      ),
    ),
  );
}

/** Whether the reader is at the end of a log, and so wants to see what comes. */
function isAtEnd(element: Element): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < 24;
}

function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element "${id}".`);
  return element;
}

let visit: Visit | undefined;

async function arrive(moved: boolean): Promise<void> {
  const route = routeOf(location.hash);
  if (!route) return;
  visit?.end();
  const mine = new Visit(route);
  visit = mine;
  await mine.refresh();
  // Who went on by keyboard goes on from the heading of where they are; on the first arrival the browser decides.
  if (moved && visit === mine) document.querySelector<HTMLElement>(".heading")?.focus();
}

addEventListener("hashchange", () => void arrive(true));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void visit?.refresh();
});
void arrive(false);

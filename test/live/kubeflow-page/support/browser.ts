import { launch, type Browser, type BrowserContext, type Page } from "puppeteer-core";
import { source as axe } from "axe-core";
import { waitFor } from "../../../../local/kapsule/waiting";
import { installPackages } from "../../../../local/toolchain/packages";
import { findProgram } from "../../../../local/toolchain/programs";

/** Debian's browser, installed where it is missing: only this test needs it. */
export async function openBrowser(): Promise<Browser> {
  if (!findProgram("chromium")) await installPackages(["chromium"]);
  const executablePath = findProgram("chromium");
  if (!executablePath) throw new Error("Debian's package chromium is installed, but chromium is not on PATH.");
  // Containers have little shared memory. Chromium has no sandbox for root; it sees nothing but our own page.
  const args = ["--disable-dev-shm-usage", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  return launch({ executablePath, args, pipe: true });
}

/** What axe finds wrong: a rule and the elements that break it. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** A person in front of the page: reads what is shown, presses what has a name. */
export class Reader {
  /** Errors and warnings of the browser: of scripts, of the content policy, of requests. */
  readonly faults: string[] = [];
  /** Paths of the API that were asked for. */
  readonly requests: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly address: string,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("request", (request) => this.requests.push(new URL(request.url()).pathname));
  }

  static async at(browser: Browser | BrowserContext, address: string): Promise<Reader> {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    return new Reader(page, address);
  }

  async open(hash: string): Promise<void> {
    await this.page.goto(this.address + hash);
  }

  /** Text that is seen, as the browser lays it out. */
  text(): Promise<string> {
    return this.evaluate<string>("document.body.innerText");
  }

  /** Waits until a text is seen. */
  async sees(wanted: string | RegExp): Promise<void> {
    await this.until(`"${String(wanted)}" to be seen`, async () => {
      const text = await this.text();
      return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    });
  }

  /** Waits until there is an element with this role and accessible name. */
  async finds(role: string, name: string): Promise<void> {
    await this.until(`a ${role} "${name}"`, async () => (await this.names(role)).includes(name));
  }

  /** Accessible names of all elements of a role, in their order. */
  async names(role: string): Promise<string[]> {
    const handles = await this.page.$$(`::-p-aria([role="${role}"])`);
    const names = await Promise.all(
      handles.map((handle) => this.page.accessibility.snapshot({ root: handle, interestingOnly: false })),
    );
    return names.map((node) => node?.name ?? "");
  }

  async press(role: string, name: string): Promise<void> {
    await this.finds(role, name);
    await this.page.locator(`::-p-aria([role="${role}"][name="${name}"])`).click();
  }

  /** Presses a key of the keyboard so many times. */
  async key(name: "Tab" | "Enter" | "Escape" | "Space", times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) await this.page.keyboard.press(name);
  }

  /** Name or text of what has the focus. */
  focused(): Promise<string> {
    return this.evaluate<string>(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText ?? ''",
    );
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await waitFor(async () => (await holds()) || undefined, {
      subject: `There was to be ${what}, which did not come`,
      timeoutMs: 20_000,
      remedy: `Seen was: ${await this.text()}`,
    });
  }

  evaluate<T>(script: string): Promise<T> {
    return this.page.evaluate(script) as Promise<T>;
  }

  /** What breaks WCAG 2.1, levels A and AA, on what is shown now, as `rule: element`. */
  async violations(): Promise<string[]> {
    await this.evaluate(`${axe}; undefined`);
    const levels = JSON.stringify(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]);
    const found = await this.evaluate<Violation[]>(
      `axe.run({ runOnly: ${levels} }).then((result) => result.violations)`,
    );
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }
}

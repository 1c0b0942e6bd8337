import type { Api } from "./api";
import type { Child } from "./view";

/** What a place of the page shows at one moment. */
export interface Screen {
  /** Of the window; the page's name is added. */
  readonly title: string;
  /** Whether it can change by itself, and so is asked for again. */
  readonly live: boolean;
  /** Drawn again on every call, with what the user chose in between. */
  readonly body: () => readonly Child[];
}

/** What a screen asks of the page around it. */
export interface Page {
  readonly api: Api;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Draws the screen again as it is. */
  readonly redraw: () => void;
  /** Does something after the user said yes, and loads the screen again; a refusal is shown. */
  readonly confirm: (question: Question, work: () => Promise<void>) => void;
  readonly go: (address: string) => void;
}

export interface Question {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  /** Words on the button that does it. */
  readonly yes: string;
}

/** Loads a screen, again and again while it is live; what does not change is asked for once. */
export type Load = () => Promise<Screen>;

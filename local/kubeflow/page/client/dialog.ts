import type { Question } from "./screen";

/** Asks in a window of its own; resolves to whether the user said yes. Escape is no. */
export function ask({ title, text, yes }: Question): Promise<boolean> {
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = withText("h2", title);
  heading.id = "question";
  dialog.setAttribute("aria-labelledby", "question");
  const no = withText("button", "Keep it as it is");
  no.setAttribute("value", "no");
  const confirm = withText("button", yes);
  confirm.setAttribute("value", "yes");
  confirm.className = "primary";
  const buttons = document.createElement("div");
  buttons.className = "actions";
  buttons.append(no, confirm);
  form.append(heading, withText("p", text), buttons);
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

function withText(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

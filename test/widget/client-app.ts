import { createElement, StrictMode, useState, type ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { embed } from "../../dist/client/index.js";
import { ParleyChat } from "../../dist/client/react.js";

/** A website of React's that has the packed client in its bundle, checked against the client's own types. */

const { url, widgetId } = document.body.dataset as { url: string; widgetId: string };
const heard: string[] = [];
Object.assign(window, { heard });

function Shop(): ReactElement {
  const [isChatting, setChatting] = useState(true);
  const [userId, setUserId] = useState<string>();
  const [unread, setUnread] = useState(0);
  const button = (text: string, onClick: () => void): ReactElement =>
    createElement("button", { onClick }, text);
  return createElement(
    "main",
    null,
    button("Mount", () => setChatting(true)),
    button("Unmount", () => setChatting(false)),
    button("Log in", () => setUserId("ada")),
    button("Log out", () => setUserId(undefined)),
    button("Ask", () => embed(url, widgetId).send("From a button")),
    createElement("output", null, unread),
    isChatting &&
      createElement(ParleyChat, {
        url,
        widgetId,
        identity: userId === undefined ? undefined : { userId },
        on: {
          unread: ({ count }) => setUnread(count),
          message: ({ role, text }) => heard.push(`${role}: ${text}`),
          conversation_started: ({ conversationId }) => heard.push(conversationId),
        },
      }),
  );
}

const root = document.createElement("div");
document.body.append(root);
createRoot(root).render(createElement(StrictMode, null, createElement(Shop)));

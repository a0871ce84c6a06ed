import "@mantine/core/styles.css";
import { createRoot } from "react-dom/client";
import { ConsoleApp } from "./console-app.js";
import { STYLE_NONCE } from "./html-facts.js";

// By this name what keeps the page from scrolling behind a dialog finds the nonce for its style elements.
Object.assign(globalThis, { __webpack_nonce__: STYLE_NONCE });

const root = document.querySelector("#root");
if (root === null) throw new Error("The page has no root.");
createRoot(root).render(<ConsoleApp />);

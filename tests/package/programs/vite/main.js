// A React app that holds a share: Vite finds the package's worker by itself.
import { createElement, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { browserTransport } from "@quorate/quorate/browser";
import { offer } from "../tab/sign.js";

function App() {
  useEffect(() => offer(browserTransport()), []);
  return createElement("p", null, "A holder");
}

createRoot(document.getElementById("root")).render(createElement(App));

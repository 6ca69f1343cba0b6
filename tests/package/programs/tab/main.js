// A page without a framework, which signs over WebSockets.
import { browserTransport } from "@quorate/quorate/browser";
import { offer } from "./sign.js";

offer(browserTransport());

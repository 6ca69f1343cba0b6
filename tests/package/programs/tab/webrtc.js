// A page without a framework, which signs over WebRTC.
import { browserTransport } from "@quorate/quorate/browser";
import { browserWebRtc } from "@quorate/quorate/browser-webrtc";
import { offer } from "./sign.js";

offer(browserTransport({ webrtc: browserWebRtc() }));

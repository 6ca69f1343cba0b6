/**
 * A program that decides over HTTP whether this node takes part in a command. Only one answer is a yes: status 200
 * with `{ "approve": true, "id": … }` in time, and the id of that very command. Everything else is a no.
 * @module
 */
import * as v from "valibot";
import type { Approve } from "../../cluster/commands/consent/approval.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Clock } from "../../ports.ts";
import { deadline } from "../../session/deadline.ts";
import type { Decision } from "./approvers.ts";
import { requestJson } from "./request_json.ts";
import type { WebhookSecret } from "./webhook_signature.ts";

/** The longest answer that is read, bytes. */
const maxAnswer = 4096;

const answerShape = v.object({ approve: v.boolean(), id: v.string() });

/** The decision about one command, for the log: no secret and no address is in it. */
export interface WebhookDecision {
  id: string;
  decision: Decision;
  /** The reason of a no. */
  why?: string;
}

/** A webhook, and what it takes to ask it. */
export interface WebhookOptions {
  url: URL;
  secret: WebhookSecret;
  /** The time for an answer, ms. */
  timeoutMs: number;
  clock: Clock;
  nameOf(peer: PeerId): string;
  /** This node's own id, for a program that decides for several. */
  self: PeerId;
  /** Receives each decision. */
  decided(decision: WebhookDecision): void;
  /** Default: the platform's own. */
  fetch?: typeof globalThis.fetch;
}

/** The variables of the environment by which a platform's `fetch` sends what is not encrypted to a proxy. */
const proxies = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/** True if requests to a host over http go through a proxy, which could answer in its place. */
function goesToProxy(host: string, env: Environment): boolean {
  const direct = (env.NO_PROXY ?? env.no_proxy ?? "").split(",").map((one) => one.trim());
  const isDirect = !host.startsWith("[") && direct.includes(host); // platforms read `*` and IPv6 differently
  return !isDirect && proxies.some((name) => env[name]);
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a webhook's address: https, or http on this machine, without a proxy between.
 *
 * @param env The variables of the environment.
 * @throws {InputError} `field`
 */
export function webhookUrl(field: string, text: string, env: Environment = {}): URL {
  const url = URL.parse(text);
  const expected = "expected https://…, or http:// on this machine (localhost, 127.0.0.1, [::1])";
  if (url === null) throw new InputError(field, `${expected}, found no address`);
  if (url.username !== "" || url.password !== "") {
    throw new InputError(field, "expected an address without a user and a password, found one with them");
  }
  if (url.protocol === "http:" && goesToProxy(url.hostname, env)) {
    throw new InputError(
      field,
      "expected https://…, or http://127.0.0.1 with NO_PROXY=127.0.0.1, found one that a proxy could answer",
    );
  }
  const isNear = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && isNear)) return url;
  throw new InputError(field, `${expected}, found ${url.protocol}//${url.hostname}`);
}

/** Asks a webhook about each request. */
export function webhookApproval(options: WebhookOptions): Approve {
  return async (request, { signal }) => {
    const { id } = request;
    const why = await refusal({ ...options, signal, asked: { request, nameOf: options.nameOf } });
    if (signal.aborted) return "decline"; // nobody waits for it
    const decision = why === null ? "accept" : "decline";
    options.decided({ id, decision, ...(why !== null && { why }) });
    return decision;
  };
}

type Asking = WebhookOptions & { asked: Parameters<typeof requestJson>[0]; signal: AbortSignal };

/** The reason why the answer is a no, or null for a yes. */
async function refusal(asking: Asking): Promise<string | null> {
  const { clock, timeoutMs, signal, asked: { request: { id } } } = asking;
  using patience = deadline(clock, timeoutMs, signal);
  try {
    const response = await post(asking, patience.signal);
    if (response.status !== 200) {
      await response.body?.cancel();
      return `expected status 200, found ${response.status}`;
    }
    return readAnswer(await atMost(response, maxAnswer), id);
  } catch (error) {
    if (patience.signal.aborted) return `no answer within ${timeoutMs} ms`;
    return `no answer: ${codeOf(error)}`; // its message may have the address, and so a token in it
  }
}

async function post(
  { url, secret, clock, self, asked, fetch = globalThis.fetch }: Asking,
  signal: AbortSignal,
) {
  const at = clock.now();
  const timestamp = new Date(at).toISOString();
  const data = { peer: self, ...requestJson(asked) };
  const body = JSON.stringify({ type: "quorate.approval", timestamp, data });
  const headers = await secret.sign({ id: data.id, at, body });
  return await fetch(url, {
    method: "POST",
    redirect: "manual", // whoever it leads to was not named by the operator
    signal,
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

function readAnswer(text: string | null, id: string): string | null {
  if (text === null) return `expected at most ${maxAnswer} bytes, found more`;
  const answer = v.safeParse(answerShape, jsonOf(text));
  if (!answer.success) return 'expected { "approve": true or false, "id": … }, found something else';
  if (answer.output.id !== id) return "expected the id of the command, found another one";
  return answer.output.approve ? null : "it said no";
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // which has no shape of an answer
  }
}

/** The text of a response, or null if it is longer than `most` bytes. */
async function atMost({ body }: Response, most: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader!.read()) {
    length += next.value.length;
    if (length > most) {
      await reader!.cancel();
      return null;
    }
    text += decoder.decode(next.value, { stream: true });
  }
  return text + decoder.decode();
}

/** The name of a failure to connect, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return error instanceof Error ? error.name : "unknown";
}

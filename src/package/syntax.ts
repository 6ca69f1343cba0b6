/**
 * The syntax tree of a script, and changes to its text.
 * @module
 */
import { type Node, parse, type Program } from "acorn";

/** Any node of the tree, with the fields of its type: https://github.com/estree/estree. */
export type AnyNode = Node & Record<string, unknown>;

/** ES2025 brought the attributes of imports. */
export type Language = 2022 | 2025;

/** The tree of a module. @throws {SyntaxError} If it is in a newer language. */
export function parsed(script: string, language: Language): Program {
  return parse(script, { ecmaVersion: language, sourceType: "module", allowHashBang: true });
}

/** All nodes of a tree, each with its parent. */
export function* nodesOf(node: Node, parent: AnyNode | null = null): Generator<[AnyNode, AnyNode | null]> {
  yield [node as AnyNode, parent];
  for (const child of Object.values(node).flat()) {
    if (isNode(child)) yield* nodesOf(child, node as AnyNode);
  }
}

export function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** One change: what is between `start` and `end` becomes `text`. */
export interface Change {
  start: number;
  end: number;
  text: string;
}

/** The script after these changes, of which no two overlap. */
export function changed(script: string, changes: readonly Change[]): string {
  let [text, at] = ["", 0];
  for (const { start, end, text: replacement } of [...changes].sort((a, b) => a.start - b.start)) {
    if (start < at) throw new Error(`Cannot change a script: two changes overlap at ${start}`);
    text += script.slice(at, start) + replacement;
    at = end;
  }
  return text + script.slice(at);
}

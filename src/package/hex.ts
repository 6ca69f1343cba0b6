/**
 * Hex without the methods of a newer `Uint8Array`: their calls become calls of `src/platform/hex.ts`.
 * @module
 */
import type { Program } from "acorn";
import { type AnyNode, type Change, nodesOf } from "./syntax.ts";

/** Members of `Uint8Array` that the oldest runtimes of the package lack. */
const newer = new Set(["toHex", "fromHex", "toBase64", "fromBase64", "setFromHex", "setFromBase64"]);

/** The functions of `src/platform/hex.ts`; no name of ours begins with a dollar. */
type Helper = "fromHex" | "toHex" | "optionalHex";

/** A changed script needs these imports. */
export interface HexCalls {
  changes: Change[];
  /** The import that goes above the script, or nothing. */
  imports: string;
}

/**
 * The changes to one script.
 *
 * @param path Its path in the package.
 * @throws {Error} If it uses one of these members in another way than by calling it.
 */
export function hexCalls(script: string, program: Program, path: string): HexCalls {
  const changes: Change[] = [];
  const used = new Set<Helper>();
  for (const [call, parent] of nodesOf(program)) {
    const member = call.type === "CallExpression" ? call.callee as AnyNode : null;
    const [name, object] = member === null ? [] : memberOf(member);
    if (name === "fromHex" && object?.name === "Uint8Array") {
      changes.push({ start: member!.start, end: member!.end, text: "$fromHex" });
      used.add(name);
    } else if (name === "toHex" && object) {
      const helper = hasOptional(call) ? "optionalHex" : "toHex";
      if (helper === "optionalHex" && parent?.type !== "ChainExpression") throw unknownUse(path, "?.toHex");
      changes.push({ start: call.start, end: call.start, text: `$${helper}(` });
      changes.push({ start: beforeDot(script, member!), end: call.end, text: ")" });
      used.add(helper);
    }
  }
  checkOthers(program, path, changes);
  const names = [...used].map((name) => `${name} as $${name}`);
  const imports = used.size > 0 ? `import { ${names.join(", ")} } from "${hexFrom(path)}";\n` : "";
  return { changes, imports };
}

/** The place of the dot before a member's name. What is before it may stand in parentheses, which no node has. */
function beforeDot(script: string, member: AnyNode): number {
  const before = script.slice(member.start, (member.property as AnyNode).start);
  return member.start + /\??\.\s*$/.exec(before)!.index;
}

function memberOf(node: AnyNode): [name?: string, object?: AnyNode] {
  if (node.type !== "MemberExpression" || node.computed) return [];
  return [(node.property as AnyNode).name as string, node.object as AnyNode];
}

/** Whether a chain may end early, so that it has no value: `a?.b.c()`. */
function hasOptional(node: AnyNode | undefined): boolean {
  if (node?.type !== "MemberExpression" && node?.type !== "CallExpression") return false;
  return node.optional === true || hasOptional((node.object ?? node.callee) as AnyNode);
}

/** @throws {Error} If one of the members is left after the changes. */
function checkOthers(program: Program, path: string, changes: readonly Change[]): void {
  for (const [node] of nodesOf(program)) {
    const [name] = memberOf(node);
    if (name === undefined || !newer.has(name)) continue;
    if (!changes.some(({ start, end }) => start <= node.end && node.end <= end)) throw unknownUse(path, name);
  }
}

const unknownUse = (path: string, name: string) =>
  new Error(
    `Cannot put ${path} into the package: ${name} is newer than its runtimes, and is not plainly called`,
  );

/** The path of `hex.ts` from another module. */
function hexFrom(path: string): string {
  return `${"../".repeat(path.split("/").length - 1) || "./"}src/platform/hex.js`;
}

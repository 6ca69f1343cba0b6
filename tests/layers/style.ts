/// <reference lib="deno.unstable" />
/**
 * The identifiers, comments and long functions of a module, found in its syntax tree. Not a test by itself.
 * @module
 */

/** A text in a file, with the number of its first line. */
export interface Found {
  text: string;
  line: number;
}

/** A function, with the number of its first line and how many lines it has. */
export interface LongFunction {
  name: string;
  line: number;
  lines: number;
}

type Node = Deno.lint.Node & { parent?: Node };
type Visitor = Deno.lint.LintVisitor;

/** Visits the syntax tree of `code`. */
function visit(path: string, code: string, visitorOf: (context: Deno.lint.RuleContext) => Visitor): void {
  Deno.lint.runPlugin({ name: "style", rules: { visit: { create: visitorOf } } }, path, code);
}

const lineAt = (code: string, offset: number) => code.slice(0, offset).split("\n").length;

/** Every identifier, also of properties, types and private fields. */
export function identifiers(path: string, code: string): Found[] {
  const found: Found[] = [];
  const add = (node: { name: string; range: Deno.lint.Range }) =>
    void found.push({ text: node.name, line: lineAt(code, node.range[0]) });
  visit(path, code, () => ({ Identifier: add, PrivateIdentifier: add, JSXIdentifier: add }));
  return found;
}

/** Every comment, without its marks; `//` lines under each other are one. */
export function comments(path: string, code: string): Found[] {
  const found: (Found & { end: number; block: boolean })[] = [];
  const read = (comment: Deno.lint.LineComment | Deno.lint.BlockComment) => {
    const line = lineAt(code, comment.range[0]);
    const end = lineAt(code, comment.range[1]);
    const block = comment.type === "Block";
    const text = comment.value.replace(/^\*/, "").replace(/^ *\* ?/gm, "").trim();
    const alone = /^\s*$/.test(
      code.slice(code.lastIndexOf("\n", comment.range[0] - 1) + 1, comment.range[0]),
    );
    const last = found.at(-1);
    if (!block && alone && last && !last.block && last.end === line - 1) {
      last.text += `\n${text}`;
      last.end = line;
    } else found.push({ text, line, end, block });
  };
  visit(path, code, ({ sourceCode }) => ({ Program: () => sourceCode.getAllComments().forEach(read) }));
  return found;
}

/** The functions with more than `most` lines, their signature included. */
export function longFunctions(path: string, code: string, most: number): LongFunction[] {
  const found: LongFunction[] = [];
  const measure = (node: Deno.lint.Node) => {
    const parent = (node as Node).parent!;
    const whole = parent.type === "MethodDefinition" ? parent : node;
    const line = lineAt(code, whole.range[0]);
    const lines = lineAt(code, whole.range[1]) - line + 1;
    if (lines > most) found.push({ name: nameOf(node as Node), line, lines });
  };
  visit(path, code, () => ({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }));
  return found;
}

function nameOf(node: Node): string {
  const named = [node, node.parent] as unknown as Record<"id" | "key", { name?: string } | undefined>[];
  return named.flatMap(({ id, key }) => [id?.name, key?.name]).find((name) => name !== undefined) ??
    "a function";
}

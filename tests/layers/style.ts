/// <reference lib="deno.unstable" />
/**
 * The identifiers, comments and long functions of a module, found in its syntax tree. Not a test by itself.
 * @module
 */

/** An identifier, with the number of its line. */
export interface FoundName {
  text: string;
  line: number;
}

/** A comment without its marks, with the numbers of its first and last line. */
export interface FoundComment {
  text: string;
  line: number;
  end: number;
}

/** A function, with the number of its first line. */
export interface FoundFunction {
  name: string;
  line: number;
  lines: number;
}

type Node = Deno.lint.Node & { parent?: Node };

/** Visits the syntax tree of `code`. */
function visit(
  path: string,
  code: string,
  visitorOf: (context: Deno.lint.RuleContext) => Deno.lint.LintVisitor,
): void {
  Deno.lint.runPlugin({ name: "style", rules: { visit: { create: visitorOf } } }, path, code);
}

/** The number of the line of each offset of `code`. */
function linesOf(code: string): (offset: number) => number {
  const starts = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** Every identifier, also of properties, types and private fields (`#name`). */
export function identifiers(path: string, code: string): FoundName[] {
  const found: FoundName[] = [];
  const lineAt = linesOf(code);
  const add = (text: string, { range }: Deno.lint.Node) => void found.push({ text, line: lineAt(range[0]) });
  visit(path, code, () => ({
    Identifier: (node) => add(node.name, node),
    JSXIdentifier: (node) => add(node.name, node),
    PrivateIdentifier: (node) => add(`#${node.name}`, node),
  }));
  return found;
}

/** Every comment. Successive `//` lines that stand alone are one comment. */
export function comments(path: string, code: string): FoundComment[] {
  const found: FoundComment[] = [];
  const lineAt = linesOf(code);
  let continues: FoundComment | null = null;
  const add = ({ type, value, range }: Deno.lint.LineComment | Deno.lint.BlockComment) => {
    const [line, end] = [lineAt(range[0]), lineAt(range[1])];
    const text = value.replace(/^\*/, "").replace(/^ *\*? ?/gm, "").trim();
    const alone = code.slice(code.lastIndexOf("\n", range[0] - 1) + 1, range[0]).trim() === "";
    if (type === "Line" && alone && continues?.end === line - 1) {
      continues.text += `\n${text}`;
      continues.end = end;
      return;
    }
    const comment = { text, line, end };
    found.push(comment);
    continues = type === "Line" && alone ? comment : null;
  };
  visit(path, code, ({ sourceCode }) => ({ Program: () => sourceCode.getAllComments().forEach(add) }));
  return found;
}

/** The functions with more than `most` lines, their signatures included. */
export function longFunctions(path: string, code: string, most: number): FoundFunction[] {
  const found: FoundFunction[] = [];
  const lineAt = linesOf(code);
  const measure = (node: Deno.lint.Node) => {
    const parent = (node as Node).parent!;
    const { range } = parent.type === "MethodDefinition" ? parent : node;
    const line = lineAt(range[0]);
    const lines = lineAt(range[1]) - line + 1;
    if (lines > most) found.push({ name: nameOf(node), line, lines });
  };
  visit(path, code, () => ({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }));
  return found;
}

function nameOf(node: Deno.lint.Node): string {
  const named = [node, (node as Node).parent] as unknown as Record<"id" | "key", { name?: string } | null>[];
  return named.flatMap(({ id, key }) => [id?.name, key?.name]).find((name) => name !== undefined) ??
    "a function";
}

/// <reference lib="deno.unstable" />
/**
 * Where a module touches the outside by itself, found in its syntax tree. Not a test by itself.
 * @module
 */
const names = new Set([
  "Deno",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "fetch",
  "WebSocket",
  "indexedDB",
  "localStorage",
  "navigator",
  "document",
]);
const members = new Set([
  "Date.now",
  "Math.random",
  "AbortSignal.timeout",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "crypto.subtle",
]);

type Node = Deno.lint.Node & { parent?: Node };

/** A name that is a value here, and not a property's, a key's or a type's. */
function isValue(node: Deno.lint.Identifier): boolean {
  const { parent } = node as unknown as { parent: Node };
  switch (parent.type) {
    case "MemberExpression":
      return parent.computed || (parent.object as unknown) === node;
    case "Property":
      return parent.computed || ((parent.value as unknown) === node && !parent.shorthand) || parent.shorthand;
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.computed;
    default:
      return !parent.type.startsWith("TS");
  }
}

/** What in `code` reaches outside, as `Date.now in line 7`. */
export function effects(path: string, code: string): string[] {
  const plugin: Deno.lint.Plugin = {
    name: "layers",
    rules: {
      effects: {
        create(context) {
          const report = (node: Deno.lint.Node, message: string) => context.report({ node, message });
          return {
            Identifier(node) {
              if (names.has(node.name) && isValue(node)) report(node, node.name);
            },
            MemberExpression(node) {
              const { object, property } = node;
              if (object.type !== "Identifier" || property.type !== "Identifier") return;
              const name = `${object.name}.${property.name}`;
              if (members.has(name) || object.name === "globalThis") report(node, name);
            },
            NewExpression(node) {
              if (
                node.callee.type === "Identifier" && node.callee.name === "Date" &&
                node.arguments.length === 0
              ) {
                report(node, "new Date()");
              }
            },
          };
        },
      },
    },
  };
  return Deno.lint.runPlugin(plugin, path, code).map(({ message, range }) =>
    `${message} in line ${code.slice(0, range[0]).split("\n").length}`
  );
}

/** Whether `code` makes a `SessionError` by itself. */
export function makesSessionErrors(path: string, code: string): boolean {
  const plugin: Deno.lint.Plugin = {
    name: "provoke",
    rules: {
      errors: {
        create: (context) => ({
          NewExpression(node) {
            if (node.callee.type === "Identifier" && node.callee.name === "SessionError") {
              context.report({ node, message: "new SessionError" });
            }
          },
        }),
      },
    },
  };
  return Deno.lint.runPlugin(plugin, path, code).length > 0;
}

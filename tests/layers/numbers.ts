/// <reference lib="deno.unstable" />
/**
 * The numbers that a module keeps as constants, found in its syntax tree. Not a test by itself.
 * @module
 */

type Expression = Deno.lint.Expression | Deno.lint.PrivateIdentifier | Deno.lint.SpreadElement | null;

/** Whether a value is made of numbers: literals, and what is computed of them and of other constants. */
function hasNumber(node: Expression): boolean {
  switch (node?.type) {
    case "Literal":
      return typeof node.value === "number" || typeof node.value === "bigint";
    case "BinaryExpression":
      return hasNumber(node.left) || hasNumber(node.right);
    case "UnaryExpression":
      return hasNumber(node.argument);
    case "ArrayExpression":
      return node.elements.some((element) => hasNumber(element as Expression));
    case "ObjectExpression":
      return node.properties.some((property) =>
        property.type === "Property" && hasNumber(property.value as Expression)
      );
    case "TSAsExpression":
    case "TSSatisfiesExpression":
      return hasNumber(node.expression);
    default:
      return false;
  }
}

/** The names of the constants at the top of `code` whose values are made of numbers, in their order. */
export function numberConstants(path: string, code: string): string[] {
  const plugin: Deno.lint.Plugin = {
    name: "numbers",
    rules: {
      constants: {
        create: (context) => ({
          VariableDeclarator(node) {
            const { kind, parent } = node.parent as Deno.lint.VariableDeclaration;
            const { type } = parent as Deno.lint.Node;
            if (kind !== "const" || (type !== "Program" && type !== "ExportNamedDeclaration")) return;
            if (node.id.type === "Identifier" && hasNumber(node.init)) {
              context.report({ node, message: node.id.name });
            }
          },
        }),
      },
    },
  };
  return Deno.lint.runPlugin(plugin, path, code).map(({ message }) => message);
}

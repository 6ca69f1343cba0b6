/// <reference lib="deno.unstable" />
/**
 * Where a module spells a signature scheme by itself, found in its syntax tree. Not a test by itself.
 * @module
 */

/** An id; WebCrypto's `Ed25519` and `ECDSA` are also the algorithms of peers' identities and certificates. */
const named = /^(?:ed25519|ecdsa|bip340)$/;
/** A sentence about one. */
const inText = /\becdsa\b.|.\becdsa\b|secp256k1|bip.?340/i;

/** What in `code` names a scheme, as `"ecdsa" in line 7`: a text, a property, a key. Comments and imports do not count. */
export function spelled(path: string, code: string): string[] {
  const plugin: Deno.lint.Plugin = {
    name: "schemes",
    rules: {
      spelled: {
        create(context) {
          const report = (node: Deno.lint.Node, message: string) => context.report({ node, message });
          const text = (node: Deno.lint.Node, value: string) => {
            if (named.test(value) || inText.test(value)) report(node, JSON.stringify(value));
          };
          return {
            Literal(node) {
              const { parent } = node as unknown as { parent: Deno.lint.Node };
              if (/^(Import|Export)/.test(parent.type)) return; // where a module lies
              if (typeof node.value === "string") text(node, node.value);
              if (node.value instanceof RegExp) text(node, node.value.source);
            },
            TemplateElement: (node) => text(node, node.cooked ?? node.raw),
            JSXText: (node) => text(node, node.value),
            MemberExpression(node) {
              const { property } = node;
              if (!node.computed && property.type === "Identifier" && named.test(property.name)) {
                report(node, `.${property.name}`);
              }
            },
            Property(node) {
              const { key } = node;
              if (!node.computed && key.type === "Identifier" && named.test(key.name)) {
                report(node, `${key.name}:`);
              }
            },
            TSPropertySignature(node) {
              const { key } = node;
              if (key.type === "Identifier" && named.test(key.name)) report(node, `${key.name}:`);
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

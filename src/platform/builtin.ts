/**
 * The built-in modules of Node, where the runtime has them: Node, Deno and Bun do, a browser does not. Unlike an import, this
 * is no obstacle to loading the module that asks in a browser.
 * @module
 */

interface Runtime {
  process?: { getBuiltinModule?(name: string): unknown };
}

/** The built-in module of that name; undefined where there is none. */
export const builtinModule = (name: `node:${string}`): unknown =>
  (globalThis as Runtime).process?.getBuiltinModule?.(name);

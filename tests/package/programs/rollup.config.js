// Rollup finds no worker: it is an entry of its own, in the folder above the app.
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";

export default {
  input: { "app/main": "tab/main.js", "worker": "@quorate/quorate/worker" },
  output: { dir: "rolled", entryFileNames: "[name].js", chunkFileNames: "app/[name]-[hash].js" },
  plugins: [resolve({ browser: true }), commonjs()],
};

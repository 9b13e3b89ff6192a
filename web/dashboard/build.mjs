// Builds the dashboard: node build.mjs PACKAGES OUT. PACKAGES holds node_modules, OUT gets index.html and
// assets/dashboard/, whose files carry a hash of their content in their names so that browsers may keep them for good.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const [packages, out] = process.argv.slice(2).map((name) => path.resolve(name));
const { build } = createRequire(path.join(packages, "package.json"))("esbuild");

const assets = path.join(out, "assets/dashboard");
mkdirSync(assets, { recursive: true });
const result = await build({
  entryPoints: { dashboard: path.join(here, "main.tsx"), style: path.join(here, "style/style.css") },
  entryNames: "[name]-[hash]",
  outdir: assets,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2021", "chrome100", "firefox100", "safari15"],
  jsx: "automatic",
  jsxImportSource: "preact",
  nodePaths: [path.join(packages, "node_modules")],
  tsconfigRaw: {},
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

let page = readFileSync(path.join(here, "index.html"), "utf8");
for (const file of Object.keys(result.metafile.outputs)) {
  const made = path.basename(file);
  const [, name, extension] = made.match(/^(.*)-[A-Z0-9]{8}\.(js|css)$/);
  const wanted = `/docs/assets/dashboard/${name}.${extension}`;
  if (!page.includes(wanted)) throw new Error(`index.html does not load ${wanted}`);
  page = page.replace(wanted, `/docs/assets/dashboard/${made}`);
}
writeFileSync(path.join(out, "index.html"), page);

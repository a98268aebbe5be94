/**
 * Where this runs. The same modules are loaded by Node, by browsers and by workers; what only one of them has is
 * asked for here.
 */

/** @type {{ getBuiltinModule?: (name: string) => any, versions?: { node?: string, bun?: string }, platform?: string, env?: Record<string, string | undefined>, stderr?: { write(text: string): void } } | undefined} */
const process = /** @type {any} */ (globalThis).process;

export const isNode = typeof process?.versions?.node === "string";

/** Whether it is Node itself, and not something that says so for the sake of its programs. */
export const isBareNode = isNode && process?.versions?.bun === undefined && !("Deno" in globalThis);

/** Whether there is a page that can be left for another. */
export const isPage = typeof document !== "undefined" && typeof location !== "undefined";

/** The version of what runs this, for the user agent; "" where the runtime names itself. */
export const version = isNode ? `node/${process?.versions?.node}` : "";

export const system = process?.platform ?? "";
export const environment = process?.env ?? {};

/**
 * A module of Node, at once; undefined elsewhere, and before Node 20.16.
 *
 * @param {string} name such as "node:crypto"
 */
export function builtin(name) {
  return process?.getBuiltinModule?.(name);
}

/**
 * A module of Node. Only for functions that say they are for Node.
 *
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function load(name) {
  return builtin(name) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/**
 * Show a text to whoever sits at the terminal.
 *
 * @param {string} text
 */
export function tell(text) {
  if (process?.stderr) process.stderr.write(`${text}\n`);
  else console.info(text);
}

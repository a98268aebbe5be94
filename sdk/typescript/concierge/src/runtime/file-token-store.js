/**
 * Tokens in a file that only its owner can read. In Node.
 *
 * @import { Tokens, TokenStore } from "./types.js"
 */

import { unique } from "./encoding.js";
import { load } from "./platform.js";

/** @implements {TokenStore} */
export class FileTokenStore {
  #path;

  /** @param {string} path of the file; its folder is made where there is none */
  constructor(path) {
    this.#path = path;
  }

  /** @returns {Promise<Tokens | undefined>} */
  async load() {
    const { readFile } = await load("node:fs/promises");
    try {
      const found = JSON.parse(await readFile(this.#path, "utf8"));
      return typeof found === "object" && found !== null ? found : undefined;
    } catch (error) {
      if (/** @type {any} */ (error).code === "ENOENT" || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /**
   * Written beside and then renamed: another program reads the old tokens or the new ones.
   *
   * @param {Tokens} tokens
   */
  async save(tokens) {
    const { mkdir, rename, writeFile } = await load("node:fs/promises");
    const { dirname } = await load("node:path");
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const beside = `${this.#path}.${unique()}`;
    await writeFile(beside, JSON.stringify(tokens), { mode: 0o600, flag: "wx" });
    await rename(beside, this.#path);
  }

  async clear() {
    const { rm } = await load("node:fs/promises");
    await rm(this.#path, { force: true });
  }
}

/**
 * Tokens in a file that only its owner can read. In Node.
 *
 * @import { Tokens, TokenStore } from "./types.js"
 */

import { unique } from "./encoding.js";
import { load } from "./platform.js";

const LONGEST = 30; // seconds: a claim that is older was left by a program that has ended
const PAUSE = 0.05; // seconds between two looks at the claim of another program

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

  /**
   * Do something while no other program does that shares the file: the claim is a file beside it.
   *
   * @param {() => Promise<void>} work
   */
  async alone(work) {
    const { mkdir, rm } = await load("node:fs/promises");
    const { dirname } = await load("node:path");
    const claim = `${this.#path}.lock`;
    await mkdir(dirname(claim), { recursive: true, mode: 0o700 });
    while ((await this.#claim(claim)) === "another's") await new Promise((resolve) => setTimeout(resolve, PAUSE * 1000));
    try {
      await work();
    } finally {
      await rm(claim, { force: true }).catch(() => {});
    }
  }

  /**
   * @param {string} claim the path
   * @returns {Promise<"ours" | "another's">}
   */
  async #claim(claim) {
    const { rm, stat, writeFile } = await load("node:fs/promises");
    try {
      await writeFile(claim, "", { mode: 0o600, flag: "wx" });
      return "ours";
    } catch (error) {
      if (/** @type {any} */ (error).code !== "EEXIST") return "ours"; // nothing can be written here: nobody else can either
    }
    const made = await stat(claim).catch(() => undefined); // undefined: it was given up meanwhile
    if (made && Math.abs(Date.now() - made.mtimeMs) > LONGEST * 1000) await rm(claim, { force: true });
    return "another's";
  }
}

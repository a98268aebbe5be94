import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { Decimal, read, write } from "../runtime/json.js";

const BIG = "9007199254740993";
const LONG = "0.12345678901234567890123";

test("integers beyond 53 bits and long decimals come back digit by digit", () => {
  const text = `{"id":${BIG},"price":${LONG},"list":[1,-${BIG},1e400,2.5]}`;
  const value = read(text, true);
  assert.equal(value.id, BigInt(BIG));
  assert.ok(value.price instanceof Decimal);
  assert.equal(write(value), text);
});

test("what a double holds is a number", () => {
  assert.deepEqual(read("[1,1.50,1e2,-0.1,12345678901234.5,9007199254740991]", true), [1, 1.5, 100, -0.1, 12345678901234.5, 9007199254740991]);
  assert.deepEqual(read("[0.1000000000000000055511151231257827]", true)[0].toString(), "0.1000000000000000055511151231257827");
  assert.equal(read("100000000000000000000000e-20", true), 1000);
});

test("the exact reader reads what JSON.parse reads, and refuses what it refuses", () => {
  const more = `,"exact":${BIG}}`;
  for (const text of ['{"a":"\\u00e9\\n\\"{[,:1234567890123456"', '{"a":[ {} , [] , null , true,false , "" ]', '{"a":-0', '{ "a" : 1E5']) {
    const { exact, ...value } = read(text + more, true);
    assert.equal(exact, BigInt(BIG));
    assert.deepEqual(value, JSON.parse(`${text}}`));
  }
  for (const text of ["", "[", "[1,]", "{,}", '{"a" 1}', "01", "[1 2]", "+1", ".5", "1.", "NaN", "tru", '"\n"', '"\\x"', "'a'", '{"a":1,}', "[1e]", "\ufeff[]"]) {
    assert.throws(() => read(`[${BIG},${text}`, true), SyntaxError, text);
  }
});

test("a member called __proto__ is a member", () => {
  const value = read(`{"__proto__":{"admin":true},"id":${BIG}}`, true);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(value.admin, undefined);
  assert.ok(Object.hasOwn(value, "__proto__"));
});

test("what goes too deep is refused, and does not end the program", () => {
  assert.throws(() => read("[".repeat(100_000) + BIG, true), SyntaxError);
  const loop = {};
  loop.self = loop;
  assert.throws(() => write(loop), { name: "BadArgument" });
});

test("what JSON cannot say is refused instead of becoming null", () => {
  for (const value of [Number.NaN, Infinity, { a: [-Infinity] }, undefined, () => {}, Symbol("a")]) assert.throws(() => write(value), { name: "BadArgument" });
});

test("exact numbers are written wherever they stand, and the rest as JSON.stringify does", () => {
  const value = { id: BigInt(BIG), when: new Date(0), gone: undefined, list: [undefined, new Decimal(LONG)], text: "\u2028\ud800" };
  assert.equal(write(value), `{"id":${BIG},"when":"1970-01-01T00:00:00.000Z","list":[null,${LONG}],"text":"\u2028\\ud800"}`);
  assert.equal(write({ a: [1, "b", null] }), '{"a":[1,"b",null]}');
});

test("a decimal is a number that shows its digits", () => {
  const price = new Decimal("19.990000000000000001");
  assert.equal(Number(price), 19.99);
  assert.equal(`${price}`, "19.990000000000000001");
  assert.equal(price.toString(), "19.990000000000000001");
  assert.equal(inspect(price), "Decimal(19.990000000000000001)");
  for (const text of ["", "1;2", "0x1", "1_0", " 1", "--1", "1\n"]) assert.throws(() => new Decimal(text), { name: "BadArgument" });
});

test("a long row of zeros is read in no more time than it takes to see them", () => {
  const text = `1.${"0".repeat(400_000)}1`;
  const begin = performance.now();
  assert.equal(String(read(text, true)), text);
  assert.equal(read(`1.${"0".repeat(400_000)}`, true), 1);
  assert.ok(performance.now() - begin < 2_000);
});

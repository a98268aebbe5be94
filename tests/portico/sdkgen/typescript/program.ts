// A program that uses the package of shop.yaml: never run, only compiled. What must not compile says so.

import { ApiError, Bark, Client, Decimal, Shop, getPet, listPets } from "shop";
import type { CallOptions, Download, EventStream, Numbers, Pet, RecordInput, RecordModel } from "shop";
import { addPet } from "shop/operations";

const shop = new Shop("http://localhost:8000", { apiKey: { shopKey: "k" }, retries: { count: 1 } });
const options: CallOptions = { signal: AbortSignal.timeout(1000), timeout: 3, auth: null };

export async function reads(): Promise<number> {
  const { items, nextCursor } = await shop.listPets({ since: new Date(), xTraceId: "t" }, options);
  const cursor: string | undefined = nextCursor;
  const { data, response } = await shop.getPet({ petId: "p" }).withResponse();
  for await (const pet of shop.iterateListPets()) items.push(pet);
  for await (const page of shop.iterateListPets().pages()) items.push(...page.items);
  return response.status + items.length + lives(data) + (cursor?.length ?? 0);
}

/** A switch over a union narrows, and what is not known is left. */
export function lives(pet: Pet): number {
  switch (pet.petType) {
    case "cat":
      return pet.lives;
    case "dog":
      return pet.bark === Bark.Loud || pet.bark === "something new" ? 1 : 2;
    default:
      return Object.keys(pet).length;
  }
}

export async function writes(): Promise<void> {
  const sent: RecordInput = { name: "a", secret: "s", note: null, "odd-name": true };
  const got: RecordModel = await shop.addPet(sent);
  await shop.addPet({ body: sent }, { contentType: "application/json" });
  const id: string = got.id;
  const file: Download = await shop.upload({ photo: new Blob(["x"]), caption: id });
  await shop.upload({ photo: { content: new Uint8Array(3), name: "a.png", type: "image/png" } });
  await file.save("a.png");
  const events: EventStream<Numbers> = await shop.watch();
  for await (const { data, id: last } of events) numbers(data, last);
  await shop.delete_({ petId: "p" });
}

export function numbers({ id, price, more }: Numbers, last: string): string {
  const amount: string = price instanceof Decimal ? price.toString() : price.toFixed(2);
  return `${typeof id === "bigint" ? id : BigInt(id)} ${amount} ${more?.["a"] ?? last}`;
}

export async function functions(): Promise<void> {
  const client = new Client("http://localhost:8000");
  await listPets(client, {}, options);
  await addPet(shop, { name: "a", secret: "s" });
  await getPet(client, { petId: "p" }).catch((error: unknown) => (error instanceof ApiError ? error.problem.detail : undefined));
}

export async function wrong(): Promise<void> {
  // @ts-expect-error  there is no such argument
  await shop.listPets({ cursors: "a" });
  // @ts-expect-error  it is missing
  await shop.getPet({});
  // @ts-expect-error  something must be given
  await shop.getPet();
  // @ts-expect-error  it is a text
  await shop.getPet({ petId: 5 });
  // @ts-expect-error  the secret is missing
  await shop.addPet({ name: "a" });
  // @ts-expect-error  one says it all
  await shop.addPet({ name: "a", secret: "s", body: { name: "b", secret: "t" } });
  // @ts-expect-error  what was received does not hold the secret
  const secret: string = (await shop.addPet({ name: "a", secret: "s" })).secret;
  // @ts-expect-error  it may be a bigint
  const id: number = (await shop.getNumbers()).id;
  // @ts-expect-error  there is no such option
  new Shop("http://localhost:8000", { timeOut: secret.length + id });
}

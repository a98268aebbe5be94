// Signed calls through the JavaScript SDK beside bare ones with `fetch`, in turns; prints microseconds as JSON.

const [, , port, sdk, asked] = process.argv;
const { Concierge } = await import(sdk);
const CALLS = 400;
const ROUNDS = 15;

const url = `http://127.0.0.1:${port}`;
const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret", sessionToken: "token" };
const client = new Concierge(url, { credentials });
const body = JSON.parse(asked);

const acts = {
  bare: async () => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${url}/concierge/v1/nlu`, { method: "POST", headers, body: JSON.stringify(body) });
    await response.json();
  },
  sdk: () => client.sendMessage(body),
};
const took = { bare: [], sdk: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, act] of Object.entries(acts)) {
    const times = [];
    for (let call = 0; call < CALLS; call++) {
      const began = performance.now();
      await act();
      times.push(performance.now() - began);
    }
    took[name].push(median(times));
  }
}
console.log(JSON.stringify(Object.fromEntries(Object.entries(took).map(([name, rounds]) => [name, 1000 * median(rounds)]))));

function median(values) {
  return values.toSorted((one, other) => one - other)[values.length >> 1];
}

// Other people's clients: each signs in, renews, asks who it is, and signs out. The browser is the test that runs this:
// it is asked to go somewhere by a line on standard output, and says where it ended by a line on standard input.
import { createInterface } from 'node:readline'

const [library, issuer, clientId, redirectUri, scope] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function browse(address) {
  console.log(JSON.stringify({ go: String(address) }))
  return (await lines.next()).value
}

async function withOpenidClient() {
  const client = await import('openid-client')
  const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    max_age: '3600',
  })
  const callback = new URL(await browse(address))
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600 }
  const tokens = await client.authorizationCodeGrant(config, callback, checks)
  const mixedUp = new URL(callback)
  mixedUp.searchParams.set('iss', 'https://evil.example')
  const mixUp = await client.authorizationCodeGrant(config, mixedUp, checks).catch((error) => error.cause?.message ?? error.message)
  const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
  await client.tokenRevocation(config, renewed.refresh_token)
  const after = await client.refreshTokenGrant(config, renewed.refresh_token).catch((error) => error.error)
  const leave = client.buildEndSessionUrl(config, {
    id_token_hint: renewed.id_token,
    post_logout_redirect_uri: redirectUri,
    state: 'bye',
  })
  const end = await browse(leave)
  return { claims: tokens.claims(), person, renewed: renewed.claims(), after, end, mixUp }
}

async function withOidcClientTs() {
  const kept = new Map()
  globalThis.window = { crypto: globalThis.crypto }
  const { OidcClient } = await import('oidc-client-ts')
  const store = {
    set: async (key, value) => void kept.set(key, value),
    get: async (key) => kept.get(key) ?? null,
    remove: async (key) => {
      const value = kept.get(key) ?? null
      kept.delete(key)
      return value
    },
    getAllKeys: async () => [...kept.keys()],
  }
  const client = new OidcClient({
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    post_logout_redirect_uri: redirectUri,
    scope,
    stateStore: store,
    loadUserInfo: true,
  })
  const request = await client.createSigninRequest({ state: 'mine', nonce: 'n' })
  const answer = await client.processSigninResponse(await browse(request.url))
  const renewed = await client.useRefreshToken({ state: { ...answer, data: answer.userState } })
  await client.revokeToken(renewed.refresh_token, 'refresh_token')
  const after = await client
    .useRefreshToken({ state: { ...renewed, data: null, profile: answer.profile } })
    .catch((error) => error.error)
  const leave = await client.createSignoutRequest({ id_token_hint: answer.id_token, state: 'bye' })
  const end = await browse(leave.url)
  const signedOut = await client.processSignoutResponse(end)
  return { claims: answer.profile, person: answer.profile, renewed: answer.profile, after, end, signedOut }
}

async function onADevice() {
  const client = await import('openid-client')
  const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })
  const asked = await client.initiateDeviceAuthorization(config, { scope })
  const tokens = client.pollDeviceAuthorizationGrant(config, { ...asked, interval: 1 })
  await browse(asked.verification_uri_complete)
  const { access_token, refresh_token, ...rest } = await tokens
  const renewed = await client.refreshTokenGrant(config, refresh_token)
  const claims = (await tokens).claims()
  return { claims, person: await client.fetchUserInfo(config, access_token, claims.sub), renewed: renewed.claims(), rest }
}

const libraries = { 'openid-client': withOpenidClient, 'oidc-client-ts': withOidcClientTs, device: onADevice }
const result = await libraries[library]()
console.log(JSON.stringify({ done: result }))
process.exit(0)

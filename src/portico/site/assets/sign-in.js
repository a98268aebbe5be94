// Lets Swagger UI sign in with the project's user pool: authorization code with PKCE, in a window of its own.
// The answer comes over a channel, not through `window.opener`, which the pages' Cross-Origin-Opener-Policy cuts.

/** A plugin for Swagger UI. `origin`: where signing in works; `scopes`: {name: what it says to people}. */
function signInPlugin({ origin, scopes }) {
  let attempt; // {state, auth, redirectUrl, callback, errCb} of the window that is open

  new BroadcastChannel("docs-sign-in").onmessage = ({ data: answer }) => {
    if (!attempt || answer.state !== attempt.state) return; // that of another page
    const { auth, redirectUrl, callback, errCb } = attempt;
    attempt = undefined;
    if (answer.code) return callback({ auth: { ...auth, code: answer.code }, redirectUrl });
    const message = answer.error_description || answer.error || "The answer has no code.";
    errCb({ authId: auth.name, source: "auth", level: "error", message });
  };

  /** Of an OpenID provider, what a person can use here: the code flow, with the scopes that may be asked for. */
  function usable(definition) {
    return definition.map((scheme) => {
      const known = scheme.get("openIdConnectUrl") && scheme.get("scopes");
      return known ? scheme.set("scopes", known.map((_, name) => scopes[name]).filter((text) => text !== undefined)) : scheme;
    });
  }

  function isUsable(definition) {
    return definition.every((scheme) => {
      const signed = scheme.get("x-amazon-apigateway-authtype") === "awsSigv4"; // a signature cannot be typed in
      return !signed && (!scheme.get("openIdConnectUrl") || scheme.get("flow") === "authorization_code");
    });
  }

  return {
    statePlugins: {
      auth: {
        wrapActions: {
          authPopup: (open) => (url, wanted) => {
            attempt = wanted;
            return open(url, wanted);
          },
          showDefinitions: (show) => (definitions) => {
            if (definitions && location.origin !== origin) location.assign(origin + location.pathname + location.hash);
            return show(definitions);
          },
        },
        wrapSelectors: {
          definitionsToAuthorize: (all) => (...state) => all(...state)?.filter(isUsable).map(usable),
        },
      },
    },
  };
}

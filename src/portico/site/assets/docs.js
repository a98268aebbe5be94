// Starts Swagger UI on the document that the page names. Nothing in the page's own address can name another one.

const place = document.getElementById("swagger-ui");

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches); // Swagger UI's own switch
dark.addEventListener("change", follow);
follow();

const { client, origin } = place.dataset; // of the application that signs in, where there is one
const scopes = JSON.parse(place.dataset.scopes || "{}");

const swaggerUi = SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: place.dataset.expansion,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  showCommonExtensions: true,
  validatorUrl: null, // nothing is sent to other hosts
  queryConfigEnabled: false,
  ...(client && { oauth2RedirectUrl: `${origin}/docs/oauth2-redirect.html`, plugins: [signInPlugin({ origin, scopes })] }),
});

if (client) swaggerUi.initOAuth({ clientId: client, scopes: Object.keys(scopes), usePkceWithAuthorizationCodeGrant: true });

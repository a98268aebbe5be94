// Passkeys (Web Authentication level 3): asks the browser for one, and sends its answer in the form.

const FORMS = document.querySelectorAll("form[data-passkey]");
const PURPOSES = { register: "create", "sign-in": "get", "second-factor": "get" };

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function ask(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf.value },
    body: JSON.stringify({ for: form.dataset.passkey }),
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail || "This did not work. Load the page again, and try once more.");
  }
  return answer.json();
}

function understood(options) {
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const common = { ...options, challenge: bytes(options.challenge) };
  if (options.user) {
    const user = { ...options.user, id: bytes(options.user.id) };
    return { ...common, user, excludeCredentials: descriptors(options.excludeCredentials) };
  }
  return { ...common, allowCredentials: descriptors(options.allowCredentials) };
}

function written(credential) {
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  if (given.attestationObject) {
    response.attestationObject = text(given.attestationObject);
    response.transports = given.getTransports ? given.getTransports() : [];
  } else {
    response.authenticatorData = text(given.authenticatorData);
    response.signature = text(given.signature);
    response.userHandle = given.userHandle ? text(given.userHandle) : null;
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

function tell(form, message) {
  const fault = form.querySelector(".fault");
  fault.textContent = message;
  fault.hidden = !message;
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  tell(form, "");
  try {
    const publicKey = understood(await ask(form));
    const credential = await navigator.credentials[PURPOSES[form.dataset.passkey]]({ publicKey });
    form.elements.passkey.value = written(credential);
    form.submit();
  } catch (error) {
    const known = { NotAllowedError: "Nothing was chosen, or it took too long.", InvalidStateError: "This device is added already." };
    tell(form, known[error.name] || error.message);
    button.removeAttribute("aria-disabled");
  }
}

if (window.PublicKeyCredential) {
  for (const form of FORMS) {
    form.hidden = false;
    form.addEventListener("submit", submit);
  }
}

// Where signing in ends: hands the answer to the page that asked (a window of the same origin), and closes.

const answer = Object.fromEntries(new URLSearchParams(location.search));
history.replaceState(null, "", location.pathname); // a code does not belong into the history
new BroadcastChannel("docs-sign-in").postMessage(answer);
document.getElementById("done").textContent = "You can close this window and go on in the documentation.";
window.close();

// Beside allauth's scripts for passkeys: shows what they need where the browser can do it, and says what went wrong.
"use strict";
{
  const able = window.PublicKeyCredential !== undefined;
  document.querySelectorAll("[data-passkeys]").forEach((part) => { part.hidden = !able; });
  document.querySelectorAll("[data-no-passkeys]").forEach((part) => { part.hidden = able; });

  const SENTENCES = {
    InvalidStateError: "This device has a passkey for your account already.",
    NotAllowedError: "Nothing was done: the question was closed, or it took too long. You can try again.",
    SecurityError: "Passkeys do not work at this address.",
  };
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const place = document.getElementById("passkey-trouble");
    const error = event.detail.exception;
    place.textContent = SENTENCES[error.name] || "That did not work here. You can try again, or sign in another way.";
    place.hidden = false;
  });
}

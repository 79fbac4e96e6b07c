// Says once that a post is being read: after it has been in front of somebody for three seconds.
const address = document.currentScript.dataset.address;
let timer = 0;

function follow() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") {
    timer = setTimeout(() => {
      document.removeEventListener("visibilitychange", follow);
      navigator.sendBeacon(address);
    }, 3000);
  }
}

document.addEventListener("visibilitychange", follow);
follow();

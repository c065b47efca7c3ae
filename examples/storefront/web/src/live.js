// Keeps the live part of the page fresh. Without it the page is complete, it just stands still.
const place = document.getElementById("live");
const EVERY_MS = 1000;
let shown = place.innerHTML;

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/live", { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.status);
    const fresh = await answer.text();
    if (fresh !== shown) place.innerHTML = shown = fresh;
    document.body.classList.remove("stale");
  } catch {
    document.body.classList.add("stale");
  }
}

async function forever() {
  await refresh();
  setTimeout(forever, EVERY_MS);
}

if (location.search) history.replaceState(null, "", "/" + location.hash);
setTimeout(forever, EVERY_MS);
document.addEventListener("visibilitychange", refresh);

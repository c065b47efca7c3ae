// The public page: asks the Python neighbour to write a number the Roman way.
// Environment: NUMERALS_URL (required), SITE_URL, PORT (3000), HOST (127.0.0.1), APPIA_RELEASE.
import { createServer } from "node:http";
import escape from "escape-html";

const { NUMERALS_URL, SITE_URL, APPIA_RELEASE = "unknown", HOST = "127.0.0.1", PORT = "3000" } = process.env;
if (!NUMERALS_URL) {
  console.error("NUMERALS_URL is not set; it is where the numerals service answers, like http://127.0.0.1:8000");
  process.exit(1);
}

async function roman(number) {
  try {
    const answer = await fetch(`${NUMERALS_URL}/roman?number=${encodeURIComponent(number)}`, {
      signal: AbortSignal.timeout(3000),
    });
    return await answer.json();
  } catch (error) {
    console.error(`numerals: ${error.cause?.message ?? error.message}`);
    return { error: "the numerals service does not answer, try again in a moment" };
  }
}

function page(number, result) {
  const answer = result.roman
    ? `<p class="answer">${escape(result.roman)}</p>`
    : `<p class="problem">${escape(result.error)}</p>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mile by mile</title>
<style>
  body { font: 17px/1.5 ui-sans-serif, system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem;
         background: light-dark(#f5f1ea, #14161a); color: light-dark(#26221c, #e9e6e0); }
  h1 { font: 600 1.7rem/1.2 Georgia, serif; margin: 0 0 1.2rem; }
  form { display: flex; gap: .6rem; }
  input, button { font: inherit; padding: .5rem .8rem; border-radius: .6rem; border: 1px solid light-dark(#d9cfbf, #3a404b); }
  input { flex: 1; background: light-dark(#fffdf9, #1c1f25); color: inherit; }
  button { background: light-dark(#a8492f, #e58a68); color: light-dark(#fff, #221209); border: 0; font-weight: 600; }
  .answer { font: 600 3.4rem/1.2 Georgia, serif; overflow-wrap: anywhere; margin: 2rem 0; }
  .problem { color: light-dark(#b3313b, #f0808a); margin: 2rem 0; }
  small { color: light-dark(#756c5f, #98a0ac); } a { color: inherit; }
</style>
<h1>Which mile is it?</h1>
<form><input name="number" inputmode="numeric" value="${escape(number)}" aria-label="A number from 1 to 4999"><button>Carve it</button></form>
${answer}
<small>Asked by Node ${process.versions.node}, release ${escape(APPIA_RELEASE)}; carved by ${escape(result.by ?? "nobody")}.
${SITE_URL ? `<a href="${escape(SITE_URL)}">How it is read</a>` : ""}</small>
`;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://front");
  if (url.pathname === "/healthz") return response.end("ok");
  if (url.pathname !== "/") return response.writeHead(404).end("not found");
  const number = (url.searchParams.get("number") ?? "312").trim().slice(0, 20);
  const body = page(number, await roman(number));
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(body);
});

server.listen(Number(PORT), HOST, () => console.log(`front ${APPIA_RELEASE} listens on ${HOST}:${server.address().port}`));

// Finish what is in flight, then end.
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    console.log("front stops: finishing what is in flight");
    server.close();
  });
}

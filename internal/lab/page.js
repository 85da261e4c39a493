// The script of a lab page: makes the fetches it was given, one after the other, and reports what became of each.
"use strict";
(async () => {
  const { control, steps } = JSON.parse(document.getElementById("script").textContent);
  const post = (what, body) => fetch(control + what, { method: "POST", body });

  const bytesToBase64 = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return btoa(text);
  };

  const pair = (line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  };

  const make = async ({ url, init }) => {
    const options = { ...init };
    if (options.headers) options.headers = options.headers.map(pair);
    try {
      new Request(url, options);
    } catch (e) {
      return { outcome: "invalid", error: `${e}` };
    }
    let response;
    try {
      response = await fetch(url, options);
    } catch (e) {
      return { outcome: "rejected", error: `${e}` };
    }
    const result = {
      outcome: "resolved",
      type: response.type,
      status: response.status,
      statusText: response.statusText,
      url: response.url,
      redirected: response.redirected,
      headers: [...response.headers].map(([name, value]) => `${name}: ${value}`),
    };
    try {
      result.body = bytesToBase64(new Uint8Array(await response.arrayBuffer()));
    } catch (e) {
      result.error = `reading the body: ${e}`;
    }
    return result;
  };

  // Begin once the page is at rest.
  await new Promise((done) => addEventListener("load", done));
  await new Promise((done) => setTimeout(done));

  const results = [];
  for (const [n, step] of steps.entries()) {
    await post("step", String(n));
    results.push(await make(step));
  }
  await post("report", JSON.stringify({ userAgent: navigator.userAgent, results }));
})();

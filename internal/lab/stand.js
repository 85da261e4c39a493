// The page of one case: makes the case's requests, one after the other, and tells what became of each. In a sandboxed
// frame it does so through the document around it.
"use strict";
(async () => {
  const { control, sandbox, waits, rest, requests } = JSON.parse(document.getElementById("case").textContent);
  const framed = self !== top;

  // tell hands the lab what became of the request before number n (nothing when n is 0: the lab measures the waits from
  // there), and returns when the lab is ready for number n.
  let tell = async (n, result) => {
    const r = await fetch(`${location.origin}${control}${n}`, {
      method: "POST", body: JSON.stringify(result), credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
    });
    if (!r.ok) throw new Error(await r.text());
  };

  if (sandbox && !framed) {
    addEventListener("message", async (e) => {
      await tell(...e.data);
      e.ports[0].postMessage("");
    });
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.src = location.href;
    document.body.append(frame);
    return;
  }
  if (framed) {
    tell = (n, result) => new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      parent.postMessage([n, result], "*", [port2]);
    });
  }

  // A value loses the blanks around it, and no other white space: that is the browser's affair.
  const pair = (line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
  };
  const named = (pairs) => pairs.map(([name, value]) => `${name}: ${value}`);
  const thrown = (e, verdict) => ({ verdict, error: `${e}` });

  const byFetch = async (r) => {
    // Anew each time: a stream can be used only once.
    const init = () => {
      const o = {};
      for (const m of ["method", "mode", "credentials", "redirect", "cache", "referrer", "referrerPolicy"]) {
        if (r[m] !== undefined) o[m] = r[m];
      }
      if (r.headers) o.headers = r.headers.map(pair);
      if (r.keepalive) o.keepalive = true;
      if (r.stream) {
        o.duplex = "half";
        o.body = new ReadableStream({
          start(c) {
            if (r.body) c.enqueue(new TextEncoder().encode(r.body));
            c.close();
          },
        });
      } else if (r.body !== undefined) {
        o.body = r.body;
      }
      return o;
    };
    try {
      new Request(r.url, init());
    } catch (e) {
      return thrown(e, "invalid");
    }
    let response;
    try {
      response = await fetch(r.url, init());
    } catch (e) {
      return thrown(e, "blocked");
    }
    const result = {
      verdict: response.type.startsWith("opaque") ? "opaque" : "allowed",
      type: response.type === "default" ? "basic" : response.type,
      status: response.status,
      url: response.url,
      redirected: response.redirected,
      headers: named([...response.headers]),
    };
    try {
      await response.arrayBuffer(); // so that the next request finds the network at rest
    } catch (e) {
      result.error = `reading the body: ${e}`;
    }
    return result;
  };

  const byXHR = (r) => new Promise((done) => {
    const x = new XMLHttpRequest();
    const failed = (e) => done({ verdict: "blocked", error: e.type });
    x.onload = () => done({
      verdict: "allowed",
      status: x.status,
      url: x.responseURL,
      headers: x.getAllResponseHeaders().split("\r\n").filter((line) => line !== ""),
    });
    x.onerror = x.onabort = x.ontimeout = failed;
    try {
      x.open(r.method ?? "GET", r.url);
      for (const line of r.headers ?? []) x.setRequestHeader(...pair(line));
      if (r.withCredentials) x.withCredentials = true;
      if (r.uploadListener) x.upload.addEventListener("progress", () => {});
      x.send(r.stream ? new TextEncoder().encode(r.body ?? "") : r.body ?? null);
    } catch (e) {
      done(thrown(e, "invalid"));
    }
  });

  // Begin once the page is at rest.
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
  await new Promise((done) => setTimeout(done));

  if (waits) await tell(0, {});
  for (const [n, r] of requests.entries()) {
    if (r.after) await new Promise((done) => setTimeout(done, r.after * 1000));
    const result = r.via === "xhr" ? await byXHR(r) : await byFetch(r);
    if (rest) await new Promise((done) => setTimeout(done, rest));
    await tell(n + 1, result);
  }
})();

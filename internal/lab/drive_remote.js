// Runs inside the browser, with the browser's own rights. Each case has a page in a container that no other case has at
// the time: cookies, caches and the record of preflights are the container's, and so is the proxy. Which hosts want HTTPS
// alone, for pages of which site, is the whole browser's to know: it is forgotten after the case for the hosts that were
// asked. Where another case has such a host at the same time it may come out otherwise, and is asked anew.
"use strict";
const window = Services.wm.getMostRecentWindow("navigator:browser");
let lab = window.corsimLab;
if (!lab) {
  lab = window.corsimLab = { last: 1000, pages: new Map(), proxies: new Map(), asked: new Map(), told: new Map(), watches: new Map() };
  const service = Cc["@mozilla.org/network/protocol-proxy-service;1"].getService(Ci.nsIProtocolProxyService);
  const byName = Ci.nsIProxyInfo.TRANSPARENT_PROXY_RESOLVES_HOST;
  lab.proxy = (port) => service.newProxyInfo("socks", "127.0.0.1", port, "", "", byName, 0xffffffff, null);
  const nowhere = lab.proxy(9); // for the browser's own errands: nobody is there
  lab.filter = {
    applyFilter(channel, proxy, result) {
      const id = channel.loadInfo?.originAttributes?.userContextId ?? 0;
      const partitionKey = channel.loadInfo?.cookieJarSettings?.partitionKey ?? "";
      lab.asked.get(id)?.set(`${channel.URI.prePath} ${partitionKey}`, [channel.URI, partitionKey]);
      result.onProxyFilterResult(lab.proxies.get(id) ?? nowhere);
    },
  };
  service.registerChannelFilter(lab.filter, 0);
  // Nobody is there to be asked for a password.
  Services.obs.addObserver((dialog) => dialog.document.getElementById("commonDialog").cancelDialog(), "common-dialog-loaded");
}
const [what, ...rest] = arguments;
if (what === "open") {
  Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(rest[0], "C,,");
  // A page in a window of people's takes several times as long.
  const { HiddenFrame } = ChromeUtils.importESModule("resource://gre/modules/HiddenFrame.sys.mjs");
  lab.frame = new HiddenFrame();
  return lab.frame.get().then((hidden) => ((lab.document = hidden.document), 0));
}
if (what === "forget") {
  Cc["@mozilla.org/network/protocol;1?name=http"].getService(Ci.nsIHttpProtocolHandler).clearCORSPreflightCache();
  return 0;
}
if (what === "visit") {
  const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();
  const [port, url, again, notLoaded] = rest;
  const id = again || ++lab.last;
  lab.proxies.set(id, lab.proxy(port));
  lab.asked.set(id, new Map());
  lab.told.set(id, notLoaded);
  if (!again) {
    const page = lab.document.createXULElement("browser");
    const attributes = { type: "content", remote: "true", maychangeremoteness: "true", nodefaultsrc: "true", usercontextid: id };
    for (const [name, value] of Object.entries(attributes)) page.setAttribute(name, value);
    page.style.width = page.style.height = "600px";
    lab.document.documentElement.append(page);
    page.docShellIsActive = true; // or its timers would be slowed down
    lab.pages.set(id, page);
    // What it does not load it tells by going to where that can be heard.
    const watch = {
      QueryInterface: ChromeUtils.generateQI(["nsIWebProgressListener", "nsISupportsWeakReference"]),
      onStateChange(progress, request, flags, status) {
        const { STATE_STOP, STATE_IS_WINDOW } = Ci.nsIWebProgressListener;
        if (!(flags & STATE_STOP && flags & STATE_IS_WINDOW) || Components.isSuccessCode(status)) return;
        const where = lab.told.get(id);
        if (!progress.isTopLevel || status === Cr.NS_BINDING_ABORTED || !where) return;
        lab.told.delete(id);
        const why = Object.keys(Cr).find((name) => Cr[name] === status) ?? `0x${status.toString(16)}`;
        page.fixupAndLoadURIString(where + why, { triggeringPrincipal });
      },
    };
    lab.watches.set(id, watch); // the page itself does not keep it
    page.addProgressListener(watch, Ci.nsIWebProgress.NOTIFY_STATE_WINDOW);
  }
  lab.pages.get(id).fixupAndLoadURIString(url, { triggeringPrincipal });
  return id;
}
// The case is over: "empty" drops what its container knows, "leave" the page as well.
const [id] = rest;
lab.proxies.delete(id);
lab.told.delete(id);
if (what === "leave") {
  lab.pages.get(id).remove();
  lab.pages.delete(id);
  lab.watches.delete(id);
}
const secure = Cc["@mozilla.org/ssservice;1"].getService(Ci.nsISiteSecurityService);
for (const [uri, partitionKey] of lab.asked.get(id)?.values() ?? []) {
  for (const attributes of [{}, { partitionKey }]) {
    secure.resetState(uri, attributes, Ci.nsISiteSecurityService.ExactDomain); // whatever the container
  }
  for (const key of new Set(["", partitionKey])) {
    Services.cache2.clearOriginsByPrincipal(
      Services.scriptSecurityManager.createContentPrincipal(uri, { userContextId: id, partitionKey: key }));
  }
}
lab.asked.delete(id);
const pattern = JSON.stringify({ userContextId: id });
Services.obs.notifyObservers(null, "clear-origin-attributes-data", pattern);
Services.cookies.removeCookiesWithOriginAttributes(pattern);
return id;

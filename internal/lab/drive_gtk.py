# Leads WebKitGTK by its own API. Lines of JSON come in on descriptor 3, [number, command, ...], and each is answered on
# descriptor 4, [number, error or null]. The first line that goes out is the engine's version. Each visit has a
# context of its own: cookies, caches, the record of preflights, the proxy, and the processes that make requests and run
# the page. To start processes takes much longer than a visit; so contexts are emptied and used again, unless a visit wants
# one that is new. Most of those have no HTTP cache, for it takes its time to forget.
import json
import os
import tempfile
import urllib.parse

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2

VISITS = 100  # that a context is used for
MOST = 32  # contexts that are kept for further visits
REST = 1500  # milliseconds after which an HTTP cache has written all that it was given, and can be emptied

answers = os.fdopen(4, "w", buffering=1)
for inherited in (3, 4):
    os.set_inheritable(inherited, False)  # or the pipes would outlive this process


class Context:
    alive = 0

    # kind is "once", "caching" or "plain": for one visit alone, or with or without an HTTP cache.
    def __init__(self, kind):
        Context.alive += 1
        self.kind = kind
        if kind != "plain":
            folder = tempfile.mkdtemp(prefix="context-", dir=os.getcwd())
            self.data = WebKit2.WebsiteDataManager(base_data_directory=folder, base_cache_directory=folder)
        else:
            self.data = WebKit2.WebsiteDataManager.new_ephemeral()
        self.data.set_tls_errors_policy(WebKit2.TLSErrorsPolicy.IGNORE)
        # As Safari and GNOME Web have it. Without, an ephemeral context cuts referrers as with it, and one with a folder
        # does not.
        self.data.set_itp_enabled(True)
        self.lead_to(9)  # for the browser's own errands: nobody is there
        self.visits = 0
        self.told = None  # where the page tells what it does not load
        self.window = Gtk.OffscreenWindow()
        self.show(WebKit2.WebView.new_with_context(WebKit2.WebContext.new_with_website_data_manager(self.data)))

    def show(self, view):
        self.view = view
        settings = view.get_settings()
        settings.set_hardware_acceleration_policy(WebKit2.HardwareAccelerationPolicy.NEVER)
        settings.set_enable_page_cache(False)  # a page that was left is gone
        # Nobody is there to be asked for a password: the page gets to see the answer.
        view.connect("authenticate", lambda view, request: request.authenticate(None) or True)
        view.connect("load-failed", self.failed)
        self.window.add(view)
        self.window.show_all()  # a page that nobody could see would have its timers slowed down
        view.load_uri("about:blank")

    # failed has the page tell what it does not load, by going to where that can be heard.
    def failed(self, view, event, uri, error):
        where, self.told = self.told, None
        if where is None or error.matches(WebKit2.NetworkError.quark(), WebKit2.NetworkError.CANCELLED):
            self.told = where
            return False
        GLib.idle_add(lambda: view.load_uri(where + urllib.parse.quote(error.message, safe="")))
        return True

    # renew puts a page of the same process in the place of one that hands on what its policies upgrade.
    def renew(self):
        old = self.view
        new = WebKit2.WebView.new_with_related_view(old)
        self.window.remove(old)
        self.show(new)
        old.destroy()

    def lead_to(self, port):
        proxy = WebKit2.NetworkProxySettings.new(f"socks5://127.0.0.1:{port}", None)
        self.data.set_network_proxy_settings(WebKit2.NetworkProxyMode.CUSTOM, proxy)

    # empty drops all that the page stored, and the page itself if it is to be renewed, then calls done with whether that
    # worked.
    def empty(self, renew, done):
        def dropped(data, result):
            try:
                done(data.clear_finish(result))
            except GLib.Error:
                done(False)

        def drop():
            self.data.clear(WebKit2.WebsiteDataTypes.ALL, 0, None, dropped)
            return False

        self.lead_to(9)
        if renew:
            self.renew()
        if self.kind == "caching":
            GLib.timeout_add(REST, drop)
        else:
            drop()

    def close(self):
        Context.alive -= 1
        self.window.destroy()
        self.view.terminate_web_process()


spare = {"caching": [], "plain": []}
visits = {}


def visit(number, port, url, kind, told):
    context = spare[kind].pop() if spare.get(kind) else Context(kind)
    context.visits += 1
    context.told = told
    visits[number] = context
    context.lead_to(port)
    # The network process hears of the proxy from here, of the page from the page's process: by now it has to have heard.
    context.data.fetch(WebKit2.WebsiteDataTypes.COOKIES, None, lambda data, result: context.view.load_uri(url))


def leave(number, renew, whole):
    context = visits.pop(number)
    context.told = None

    def emptied(ok):
        if ok:
            spare[context.kind].append(context)
        else:
            context.close()

    if context.kind == "once" or not whole or context.visits == VISITS or Context.alive > MOST:
        context.close()
    else:
        context.empty(renew, emptied)


def follow(line):
    number, command, *rest = json.loads(line)
    error = None
    try:
        {"visit": visit, "leave": leave}[command](*rest)
    except Exception as e:  # the answer tells
        error = f"{type(e).__name__}: {e}"
    answers.write(json.dumps([number, error]) + "\n")


pending = b""


def read(source, condition):
    global pending
    data = os.read(3, 1 << 16)
    if not data:
        Gtk.main_quit()
        return False
    *lines, pending = (pending + data).split(b"\n")
    for line in lines:
        follow(line)
    return True


version = (WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version())
answers.write(json.dumps(".".join(map(str, version))) + "\n")
GLib.io_add_watch(3, GLib.IO_IN | GLib.IO_HUP, read)
for kind, contexts in spare.items():
    contexts.append(Context(kind))
Gtk.main()
for context in [*visits.values(), *spare["caching"], *spare["plain"]]:
    context.close()

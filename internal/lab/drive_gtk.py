# Leads WebKitGTK by its own API. Lines of JSON come in on standard input, [number, command, ...], and each is answered on
# standard output, [number, error or null]. The first line that goes out is the engine's version. Each visit has a
# context of its own: cookies, caches, the record of preflights, the proxy, and the process that runs the page.
import json
import os
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2

SPARE = 2  # contexts that wait for a visit, with their process running

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # whatever a library prints is no answer


class Context:
    def __init__(self):
        self.data = WebKit2.WebsiteDataManager.new_ephemeral()
        self.data.set_tls_errors_policy(WebKit2.TLSErrorsPolicy.IGNORE)
        self.lead_to(9)  # for the browser's own errands: nobody is there
        self.view = WebKit2.WebView.new_with_context(WebKit2.WebContext.new_with_website_data_manager(self.data))
        self.view.get_settings().set_hardware_acceleration_policy(WebKit2.HardwareAccelerationPolicy.NEVER)
        # Nobody is there to be asked for a password: the page gets to see the answer.
        self.view.connect("authenticate", lambda view, request: request.authenticate(None) or True)
        self.window = Gtk.OffscreenWindow()
        self.window.add(self.view)
        self.window.show_all()  # a page that nobody could see would have its timers slowed down
        self.view.load_uri("about:blank")

    def lead_to(self, port):
        proxy = WebKit2.NetworkProxySettings.new(f"socks5://127.0.0.1:{port}", None)
        self.data.set_network_proxy_settings(WebKit2.NetworkProxyMode.CUSTOM, proxy)

    def close(self):
        self.window.destroy()
        self.view.terminate_web_process()


spare = []
visits = {}


def refill():
    if len(spare) < SPARE:
        spare.append(Context())
    return len(spare) < SPARE


def visit(number, port, url):
    context = spare.pop(0) if spare else Context()
    visits[number] = context
    context.lead_to(port)
    context.view.load_uri(url)


def leave(number):
    visits.pop(number).close()
    GLib.idle_add(refill)


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
    data = os.read(0, 1 << 16)
    if not data:
        Gtk.main_quit()
        return False
    *lines, pending = (pending + data).split(b"\n")
    for line in lines:
        follow(line)
    return True


version = (WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version())
answers.write(json.dumps(".".join(map(str, version))) + "\n")
GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, read)
GLib.idle_add(refill)
Gtk.main()
for context in [*visits.values(), *spare]:
    context.close()
sys.exit(0)

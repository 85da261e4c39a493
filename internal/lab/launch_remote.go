package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// prepareByPreferences is for browsers that take where host names lead from preferences in the profile, and the
// rest, the page included, over their remote protocol.
func prepareByPreferences(profile string, f *Front, _ string, ports []uint16) ([]string, error) {
	var forced []string
	for _, p := range slices.Compact(slices.Sorted(slices.Values(append([]uint16{80, 443}, ports...)))) {
		forced = append(forced, fmt.Sprintf("%d=%d", p, f.Addr().Port()))
	}
	prefs := map[string]any{
		// Every name is this machine, the ports are the Front's, and nobody else is asked for a name.
		"network.dns.forceResolve":               f.Addr().Addr().String(),
		"network.socket.forcePort":               strings.Join(forced, ";"),
		"network.dns.native_https_query":         false,
		"network.dns.upgrade_with_https_rr":      false,
		"network.dns.use_https_rr_as_altsvc":     false,
		"network.trr.mode":                       5,
		"network.proxy.type":                     0,
		"network.http.http3.enable":              false,
		"network.captive-portal-service.enabled": false,
		"network.connectivity-service.enabled":   false,
		// The remote protocol, on a free port, without the preferences that it would set for tests.
		"marionette.port":          0,
		"remote.prefs.recommended": false,
		// A page whose URL says http is to stay there.
		"dom.security.https_first":            false,
		"dom.security.https_first_schemeless": false,
		// No first-run pages, no reports, no updates.
		"browser.aboutwelcome.enabled":                    false,
		"browser.startup.page":                            0,
		"browser.startup.homepage":                        "about:blank",
		"browser.newtabpage.enabled":                      false,
		"browser.shell.checkDefaultBrowser":               false,
		"browser.safebrowsing.malware.enabled":            false,
		"browser.safebrowsing.phishing.enabled":           false,
		"browser.safebrowsing.downloads.remote.enabled":   false,
		"app.normandy.enabled":                            false,
		"app.update.disabledForTesting":                   true,
		"app.update.enabled":                              false,
		"datareporting.healthreport.uploadEnabled":        false,
		"datareporting.policy.dataSubmissionEnabled":      false,
		"datareporting.usage.uploadEnabled":               false,
		"toolkit.telemetry.enabled":                       false,
		"toolkit.telemetry.server":                        "",
		"extensions.update.enabled":                       false,
		"extensions.getAddons.cache.enabled":              false,
		"services.settings.server":                        "data:,#remote-settings-dummy/v1",
		"security.remote_settings.crlite_filters.enabled": false,
		"security.OCSP.enabled":                           0,
		"browser.region.network.url":                      "",
		"browser.topsites.contile.enabled":                false,
		"dom.push.connection.enabled":                     false,
	}
	var b strings.Builder
	for _, name := range sortedKeys(prefs) {
		value, err := json.Marshal(prefs[name])
		if err != nil {
			return nil, fmt.Errorf("preference %s: %w", name, err)
		}
		fmt.Fprintf(&b, "user_pref(%q, %s);\n", name, value)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(b.String()), 0o600); err != nil {
		return nil, err
	}
	return []string{"--headless", "--no-remote", "--new-instance", "--marionette", "--profile", profile, "about:blank"}, nil
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// openByRemote opens a session of the remote protocol (Marionette: length-prefixed JSON over a loopback port that
// the browser writes into its profile) in which the Front's certificates are accepted, and navigates to the page.
// The certificates are accepted for as long as the connection that it returns stays open.
func openByRemote(ctx context.Context, profile, pageURL string) (_ io.Closer, err error) {
	port, err := activePort(ctx, filepath.Join(profile, "MarionetteActivePort"))
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	br := bufio.NewReader(conn)
	if _, err := readPacket(br); err != nil { // its greeting
		return nil, fmt.Errorf("remote protocol: greeting: %w", err)
	}
	commands := []struct {
		name   string
		params map[string]any
	}{
		{"WebDriver:NewSession", map[string]any{"acceptInsecureCerts": true, "pageLoadStrategy": "none"}},
		{"WebDriver:Navigate", map[string]any{"url": pageURL}},
	}
	for id, c := range commands {
		if err := call(conn, br, id+1, c.name, c.params); err != nil {
			return nil, fmt.Errorf("remote protocol: %s: %w", c.name, err)
		}
	}
	return conn, nil
}

// activePort waits for the file into which the browser writes its port.
func activePort(ctx context.Context, file string) (string, error) {
	for {
		data, err := os.ReadFile(file)
		text := strings.TrimSpace(string(data))
		if _, bad := strconv.ParseUint(text, 10, 16); err == nil && bad == nil {
			return text, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for its remote protocol: %w", context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// call sends a command, [0, id, name, params], and reads its answer, [1, id, error, result].
func call(w io.Writer, br *bufio.Reader, id int, name string, params any) error {
	data, err := json.Marshal([]any{0, id, name, params})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%d:%s", len(data), data); err != nil {
		return err
	}
	answer, err := readPacket(br)
	if err != nil {
		return err
	}
	return checkAnswer(answer, id)
}

func checkAnswer(answer []byte, id int) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(answer, &parts); err != nil || len(parts) != 4 {
		return fmt.Errorf("answer %q: want a JSON array of four", answer)
	}
	var got int
	if err := json.Unmarshal(parts[1], &got); err != nil || got != id {
		return fmt.Errorf("answer to command %s: want to command %d", parts[1], id)
	}
	var failure struct{ Error, Message string }
	if err := json.Unmarshal(parts[2], &failure); err != nil {
		return fmt.Errorf("answer's error %s: %w", parts[2], err)
	}
	if failure.Error != "" {
		return fmt.Errorf("%s: %s", failure.Error, failure.Message)
	}
	return nil
}

// readPacket reads one packet: its length in digits, a colon, and that many bytes.
func readPacket(br *bufio.Reader) ([]byte, error) {
	const maxDigits = 8
	n := 0
	for i := 0; ; i++ {
		c, err := br.ReadByte()
		if err != nil {
			return nil, cutShort(err)
		}
		if c == ':' && i > 0 {
			break
		}
		if c < '0' || c > '9' || i >= maxDigits {
			return nil, wireError("packet length", string(rune(c)), "digits and a colon")
		}
		n = n*10 + int(c-'0')
	}
	return readBody(br, counted, n, defaultLimits.Body)
}

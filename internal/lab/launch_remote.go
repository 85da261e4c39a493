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
	"sync"
	"time"
)

// prepareByPreferences is for browsers that take where host names lead from preferences in the profile, and the
// rest, the page included, over their remote protocol.
func prepareByPreferences(profile string, f *Front, _ string, ports []uint16) ([]string, error) {
	var forced []string
	for _, p := range slices.Compact(slices.Sorted(slices.Values(append([]uint16{80, 443}, ports...)))) {
		forced = append(forced, fmt.Sprintf("%d=%d", p, f.Addr().Port()))
	}
	prefs := commonPreferences()
	// Every name is this machine, and the ports are the Front's.
	prefs["network.dns.forceResolve"] = f.Addr().Addr().String()
	prefs["network.socket.forcePort"] = strings.Join(forced, ";")
	prefs["network.proxy.type"] = 0
	if err := writePreferences(profile, prefs); err != nil {
		return nil, err
	}
	return commonRemoteArguments(profile), nil
}

// commonRemoteArguments open the remote protocol on a profile.
func commonRemoteArguments(profile string) []string {
	return []string{"--headless", "--no-remote", "--new-instance", "--marionette", "--profile", profile, "about:blank"}
}

// commonPreferences are those that do not tell where host names lead.
func commonPreferences() map[string]any {
	return map[string]any{
		// Nobody is asked for a name.
		"network.dns.native_https_query":     false,
		"network.dns.disablePrefetch":        true,
		"network.manage-offline-status":      false, // nor is a network missed
		"network.dns.upgrade_with_https_rr":  false,
		"network.dns.use_https_rr_as_altsvc": false,
		"network.trr.mode":                   5,
		"network.http.http3.enable":          false,
		// Where the HTTP cache is slow, the network does not race it.
		"network.http.rcwn.enabled":              false,
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
}

// writePreferences writes the preferences with which a browser starts on the profile.
func writePreferences(profile string, prefs map[string]any) error {
	var b strings.Builder
	for _, name := range sortedKeys(prefs) {
		value, err := json.Marshal(prefs[name])
		if err != nil {
			return fmt.Errorf("preference %s: %w", name, err)
		}
		fmt.Fprintf(&b, "user_pref(%q, %s);\n", name, value)
	}
	return os.WriteFile(filepath.Join(profile, "user.js"), []byte(b.String()), 0o600)
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// A remote is a session of the remote protocol (Marionette: length-prefixed JSON over a loopback port that the
// browser writes into its profile). It may be used from many goroutines.
type remote struct {
	conn net.Conn
	br   *bufio.Reader

	mu   sync.Mutex
	last int
	err  error // why there can be no further command
}

// Close ends the session.
func (r *remote) Close() error { return r.conn.Close() }

// openByRemote opens a session of the remote protocol in which the Front's certificates are accepted, and navigates
// to the page. The certificates are accepted for as long as the session that it returns stays open.
func openByRemote(ctx context.Context, profile, pageURL string) (_ io.Closer, err error) {
	r, err := dialRemote(ctx, profile, true)
	if err != nil {
		return nil, err
	}
	if err := r.call(ctx, "WebDriver:Navigate", map[string]any{"url": pageURL}, nil); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// dialRemote opens a session in which all certificates are accepted, or only those that the browser trusts.
func dialRemote(ctx context.Context, profile string, all bool) (_ *remote, err error) {
	port, err := activePort(ctx, filepath.Join(profile, "MarionetteActivePort"))
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, err
	}
	r := &remote{conn: conn, br: bufio.NewReader(conn)}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	_, err = readPacket(r.br) // its greeting
	stop()
	if err != nil {
		return nil, fmt.Errorf("remote protocol: greeting: %w", err)
	}
	return r, r.call(ctx, "WebDriver:NewSession", map[string]any{"acceptInsecureCerts": all, "pageLoadStrategy": "none"}, nil)
}

// call sends a command, [0, id, name, params], and reads its answer, [1, id, error, result]. Once a command was
// given up there can be no further one: its answer might still come.
func (r *remote) call(ctx context.Context, name string, params, result any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	r.last++
	data, err := json.Marshal([]any{0, r.last, name, params})
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { r.conn.Close() })
	defer stop()
	if _, err = fmt.Fprintf(r.conn, "%d:%s", len(data), data); err == nil {
		data, err = readPacket(r.br)
	}
	if err != nil {
		r.err = fmt.Errorf("remote protocol: %s: %w: %w", name, errGone, err)
		if ctx.Err() != nil {
			return fmt.Errorf("remote protocol: %s: %w", name, context.Cause(ctx))
		}
		return r.err
	}
	value, err := checkAnswer(data, r.last)
	if err == nil && result != nil {
		err = json.Unmarshal(value, result)
	}
	if err != nil {
		return fmt.Errorf("remote protocol: %s: %w", name, err)
	}
	return nil
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

// checkAnswer returns the result of the command with that number.
func checkAnswer(answer []byte, id int) (json.RawMessage, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(answer, &parts); err != nil || len(parts) != 4 {
		return nil, fmt.Errorf("answer %q: want a JSON array of four", answer)
	}
	var got int
	if err := json.Unmarshal(parts[1], &got); err != nil || got != id {
		return nil, fmt.Errorf("answer to command %s: want to command %d", parts[1], id)
	}
	var failure struct{ Error, Message string }
	if err := json.Unmarshal(parts[2], &failure); err != nil {
		return nil, fmt.Errorf("answer's error %s: %w", parts[2], err)
	}
	if failure.Error != "" {
		return nil, fmt.Errorf("%s: %s", failure.Error, failure.Message)
	}
	return parts[3], nil
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

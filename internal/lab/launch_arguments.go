package lab

import "fmt"

// prepareByArguments is for browsers that take all of it on the command line: where host names lead, which
// certificate to accept, and the page.
func prepareByArguments(profile string, f *Front, pageURL string, _ []uint16) ([]string, error) {
	return append(commonArguments(profile, f.auth),
		fmt.Sprintf("--host-resolver-rules=MAP * %s", f.Addr()),
		"--no-proxy-server",
		pageURL,
	), nil
}

// commonArguments are those that do not tell where host names lead.
func commonArguments(profile string, auth *authority) []string {
	return []string{
		"--headless",
		"--user-data-dir=" + profile,
		// Only the Front's own authority is accepted, and without the mark of a certificate error, which would
		// keep responses out of the HTTP cache.
		"--ignore-certificate-errors-spki-list=" + auth.spki,
		"--disable-quic",
		"--disable-gpu",
		"--disable-dev-shm-usage",
		"--no-sandbox", // which needs rights that containers and root do not have; all pages here are the lab's
		"--no-first-run",
		"--no-default-browser-check",
		"--no-service-autorun",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-default-apps",
		"--disable-extensions",
		"--disable-sync",
		"--disable-breakpad",
		"--disable-crash-reporter",
		"--metrics-recording-only",
		"--password-store=basic",
		"--use-mock-keychain",
		// A page whose URL says http is to stay there.
		"--disable-features=SpareRendererForSitePerProcess,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter,Translate",
	}
}

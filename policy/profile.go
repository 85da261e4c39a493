package policy

import "time"

// A Profile holds the departures of one browser from the standards, each as data. The zero value is the bare
// standard. What a field is worth in each browser, since when, and where that was seen, stands with the functions
// that return the browsers' profiles.
type Profile struct {
	// Name is what the profile is called: spec (or nothing), chromium, firefox, webkit.
	Name string

	// PreflightMaxAgeLimit is the longest time a preflight's answer is kept, whatever Access-Control-Max-Age says;
	// 0 is no limit. The standard leaves it to the browser (CORS-preflight fetch 7.10).
	PreflightMaxAgeLimit time.Duration
}

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

// ProfileByName returns the profile of that name: spec, chromium, firefox or webkit.
func ProfileByName(name string) (Profile, bool) {
	switch name {
	case "spec":
		return Profile{}, true
	case "chromium":
		return Chromium(), true
	case "firefox":
		return Firefox(), true
	case "webkit":
		return WebKit(), true
	}
	return Profile{}, false
}

// Chromium returns what Chromium does otherwise than the standards.
func Chromium() Profile {
	return Profile{
		Name:                 "chromium",
		PreflightMaxAgeLimit: 2 * time.Hour,
	}
}

// Firefox returns what Firefox does otherwise than the standards.
func Firefox() Profile {
	return Profile{
		Name:                 "firefox",
		PreflightMaxAgeLimit: 24 * time.Hour,
	}
}

// WebKit returns what WebKit does otherwise than the standards.
func WebKit() Profile {
	return Profile{
		Name:                 "webkit",
		PreflightMaxAgeLimit: 10 * time.Minute,
	}
}

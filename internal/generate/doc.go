// Package generate makes cases of the case format out of seeds, for comparing corsim with real browsers, and cuts down
// those that fail.
//
// A case asks only what a real browser can be asked and what a plain HTTP/1.1 server can answer: response headers are
// free of NUL, CR and LF, every request that leaves is answered, nothing is ever stored by the HTTP cache, no request
// goes to the page's own URL (a server could not tell it from the page being loaded), and no wait ends near the moment
// at which a preflight's answer expires. About half of the cases lie near the border between allowed and blocked: a
// right value with one byte changed, a length at its limit, a list with one element missing.
package generate

// Package fetch holds the algorithms of the Fetch standard, in its own words and order, over a [Request] and a
// [Response].
//
// The small decisions stand by themselves, take plain values and allocate nothing on everyday input: [CORSCheck],
// [PreflightCheck], [Classify], [IsCORSSafelistedRequestHeader], [IsForbiddenRequestHeader] and their kin. A
// [Fetcher] runs the whole: fetch, main fetch, HTTP fetch, CORS-preflight fetch, HTTP-redirect fetch, down to a
// [Network] that it is given. Whatever blocks a request is a result, told as a [policy.Step]; Go errors are for a
// network that could not be asked.
//
// Numbers in comments are those of the standard's steps in the edition that [policy.FetchVersion] names. "2.-4."
// stands for several steps; a step that is left out says why.
package fetch

package fetch

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/policy"
)

// appendAuthorization appends what the URL says to a request that answers a 401.
//
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 8.21.2
func (r *Request) appendAuthorization(h Headers, u *origin.URL) Headers {
	if !u.HasCredentials() {
		return h
	}
	if h.Has("Authorization") {
		if !r.rules().URLCredentialsReplace {
			return h
		}
		h = slices.DeleteFunc(h.Clone(), func(h Header) bool { return equalFold(h.Name, "authorization") })
	}
	return append(h, Header{"Authorization", basicAuthorization(u)})
}

// answersByURL reports whether the request is made again after a 401, with the user name and the password of its URL.
// Nobody is there to type others.
//
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 15
func (r *Request) answersByURL(res *HTTPResponse) bool {
	rules := r.rules()
	return (r.UseURLCredentials || r.answersForRedirect()) && !(rules.OwnAuthorizationFinal && r.Headers.Has("Authorization")) &&
		(!rules.BasicChallengeNeeded || res.Headers.askForBasic(rules))
}

// answersForRedirect reports whether the request answers a 401 with what the URL of a redirect says
// (Profile.RedirectCredentialsAnswer).
func (r *Request) answersForRedirect() bool {
	return len(r.urls) > 1 && r.rules().RedirectCredentialsAnswer
}

// leavesCredentials reports whether the user name and the password of a redirect's URL are dropped
// (Profile.RedirectedOutCredentialsDropped).
func (r *Request) leavesCredentials(location, current *origin.URL) bool {
	return r.rules().RedirectedOutCredentialsDropped && location.HasCredentials() && r.Credentials == SameOriginCredentials &&
		current.SameOrigin(r.Origin) && !r.judgedLocation(location).SameOrigin(r.Origin)
}

// joinChallenges joins the lines of the headers that ask for a password, for scripts to read
// (Profile.ChallengesJoinedByNewlines). Headers cannot hold a line break.
func (r *Request) joinChallenges(h Headers) Headers {
	for _, name := range [...]string{"www-authenticate", "proxy-authenticate"} {
		if lines := h.Values(name); len(lines) > 1 {
			h.Delete(name)
			if r.XMLHttpRequest {
				h = append(h, Header{name, strings.Join(lines, "\n")})
			}
		}
	}
	return h
}

// askForBasic reports whether one of the challenges in WWW-Authenticate has the scheme Basic.
//
// https://www.rfc-editor.org/rfc/rfc9110.html#section-11.6.1
func (h Headers) askForBasic(rules *policy.Profile) bool {
	challenges := h.Values("WWW-Authenticate")
	if !rules.ChallengesByLine {
		challenges, _ = h.GetDecodeAndSplit("WWW-Authenticate")
	}
	ends := " "
	if rules.SchemesEndAtTabs {
		ends = " \t"
	}
	return slices.ContainsFunc(challenges, func(challenge string) bool {
		scheme := strings.Trim(challenge, " \t")
		if i := strings.IndexAny(scheme, ends); i >= 0 {
			scheme = scheme[:i]
		}
		return equalFold(scheme, "basic")
	})
}

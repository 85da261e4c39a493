// Package policy holds what a document may do, and the vocabulary in which every decision is told.
//
// A decision is a [Step] of a standard: the place at which its algorithm ended. A Step knows whether it is a success,
// its stable code, the standard's section and number, a sentence in plain English, and, for a failure, what a person
// can do about it. A [Trace] receives the steps one by one; a nil Trace costs nothing. A [Profile] holds the
// departures of one browser from the standards; its zero value is the bare standard.
//
// Beside the vocabulary the package has the rules that belong to documents rather than to fetches: sites, referrer
// policy, embedder and resource policy, mixed content.
package policy

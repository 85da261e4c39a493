// Package simulator is a browser that lasts longer than one fetch. A [Browser] has a network, cookies and a preflight
// cache; a [Page] that it opens makes requests as a script in that page would, with [Page.Fetch] and [Page.XHR], and as
// its elements would, with [Page.Load]; a [Result] says what the page gets to see, what went over the network, and why.
// [Page.Frame] is a page in a page.
//
// The network is an http.Handler in the same process ([Handler]), real connections ([Transport]), recorded responses
// ([Recording], [Replies]), or whatever else implements fetch.Network; a [Recorder] writes what passes through it to a
// HAR file.
package simulator

package oracle

import (
	"net/http"
	"slices"
	"strings"
)

// ReadRequest reads a request. Whether it is in an error route, and whether the
// way to the handler fixes its Host, only its caller knows.
func ReadRequest(r *http.Request) *Request {
	upgrades := slices.ContainsFunc(Names(r.Header["Upgrade"]), func(s string) bool { return s == "websocket" })
	extended := r.ProtoMajor == 2 && slices.Equal(r.Header[":protocol"], []string{"websocket"})
	return &Request{
		Method: r.Method, Host: r.Host,
		FetchSite: r.Header["Sec-Fetch-Site"], Origin: r.Header["Origin"],
		RequestMethod: r.Header["Access-Control-Request-Method"], RequestHeaders: r.Header["Access-Control-Request-Headers"],
		Mood:      r.Header.Get(Mood),
		TLS:       r.TLS != nil,
		WebSocket: r.Method == "CONNECT" && extended || r.Method != "CONNECT" && upgrades,
	}
}

// Names are the elements of a list header, in lower case.
func Names(lines []string) (names []string) {
	for name := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if name = strings.Trim(name, " \t"); name != "" {
			names = append(names, Lower(name))
		}
	}
	return names
}

// IsOwned reports whether the policy alone decides about a header: one of the six
// of the CORS protocol, in any spelling.
func IsOwned(name string) bool {
	return slices.Contains([]string{
		"access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods", "access-control-allow-headers",
		"access-control-max-age", "access-control-expose-headers",
	}, Lower(name))
}

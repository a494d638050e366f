package policy

import "testing"

// appOrigins are those of apps and embedded engines, which no web page has.
var appOrigins = []string{"app://.", "package://", "qrc://", "capacitor://localhost", "file://", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"}

// TestApps: origins of apps are listed as they are sent, and are covered by `*`,
// also beside `for` and `except`; file:// is as anonymous as null.
func TestApps(t *testing.T) {
	t.Parallel()
	const listed = "origins app://. package:// qrc:// capacitor://localhost chrome-extension://abcdefghijklmnopabcdefghijklmnop"
	for lines, want := range map[string]string{ // a letter for each of appOrigins
		listed:                   "yyyyny",
		listed + "\ncredentials": "yyyyny",
		listed + " file://\ndangerously_allow null_origin":                   "yyyyyy",
		listed + "\nenforce requests websockets":                             "yyyyny",
		listed + "\nexcept app://. qrc://":                                   "nynyny",
		"origins *":                                                          "yyyyyy",
		"origins *\nexcept https://a.example":                                "yyyyyy",
		"origins *\nexcept app://. file://":                                  "nyyyny",
		"origins *\nfor https://a.example {\ncredentials\n}":                 "yyyyyy",
		"origins *\nfor app://. {\ncredentials\n}":                           "yyyyyy",
		"origins https://a.example\nfor package:// qrc:// {\nmethods PUT\n}": "nyynnn",
		"origin_regexp app://\\.|package://|capacitor://localhost":           "yynynn",
		"origins https://**.example.com https://localhost:*":                 "nnnnnn",
		"origins capacitor://*.localhost app://**.example.com":               "nnnnnn",
	} {
		p := policyOf(t, lines)
		for i, origin := range appOrigins {
			allowed := want[i] == 'y'
			for _, r := range []Request{getFrom(origin), preflightFrom(origin, "PUT")} {
				if d := p.decide(&r); (d.Verdict == VerdictAllowed) != allowed || (d.AllowOrigin != "") != allowed || d.Reason == ReasonOriginMalformed {
					t.Errorf("%q, %s: %+v, want allowed %v", lines, origin, d, allowed)
				}
			}
		}
	}
}

// TestAppsOpenSockets: what only `*` lets in opens no WebSocket, apps neither; and
// only null_origin lets file:// do so, by name.
func TestAppsOpenSockets(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"origins *": "nnnnnn",
		"origins * app://. package:// file://\ndangerously_allow null_origin": "yynnyn",
		"origins *\nfor qrc:// {\nmethods PUT\n}":                             "nnynnn",
		"origins app://. capacitor://localhost":                               "ynnynn",
	} {
		p := policyOf(t, lines+"\nenforce websockets")
		for i, origin := range appOrigins {
			r := getFrom(origin)
			r.Host, r.TLS, r.WebSocket = "ws.example", true, true
			if d := p.decide(&r); p.Refuses(&d, &r) == (want[i] == 'y') {
				t.Errorf("%q, %s: %+v", lines, origin, d)
			}
		}
	}
}

// TestAppsMistakes: neither words nor patterns stand for file:// or for apps that
// nobody named.
func TestAppsMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]bool{
		"origins file://": false,
		"origins file://\ncredentials\ndangerously_allow null_origin":                             false,
		"origins https://a.example\nfor file:// {\ncredentials\n}\ndangerously_allow null_origin": false,
		"origins file://*":               false,
		"origins app://*":                false,
		"origins chrome-extension://*":   false,
		"origins https://.":              false,
		"origins http://":                false,
		"origins app:.":                  false,
		"origins app://./":               false,
		"origins app://.:80":             false,
		"origins app://.\ncredentials":   true,
		"origins package:// app://x.y:1": true,
	} {
		if p, found := Compile(optionsOf(t, lines)); (p != nil) != want {
			t.Errorf("%q: %v, want loaded %v", lines, found.Err(), want)
		}
	}
}

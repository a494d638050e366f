package endurance

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The oracle itself is tested with responses that are right, and with each
// thing that can be wrong about them.

// scene is a world in which nobody listens: generation 2 was begun last, and
// version 7 of the list is in force.
func scene(t *testing.T) *world {
	t.Helper()
	long := time.Now().Add(-time.Hour)
	w := &world{
		chronicle: newChronicle(), tally: newTally(), mortal: &mortal{up: long},
		endpoint: &endpoint{mortal: &mortal{up: long}},
		list:     &list{versions: []version{{6, long, long}, {7, long, long}}},
	}
	for generation := range 3 {
		w.chronicle.begun[generation] = long.Add(time.Duration(generation) * time.Second)
	}
	return w
}

// answered is a request and the head of its response, in lines of text.
func answered(t *testing.T, host string, generation int, asked string, status int, said string) *exchange {
	t.Helper()
	method, rest, _ := strings.Cut(asked, " ")
	path, lines, _ := strings.Cut(rest, "\n")
	path, query, _ := strings.Cut(path, "?")
	x := &exchange{
		request: &request{path: path, query: query, method: method, header: fields(t, lines), shape: "test"},
		status:  status, response: fields(t, said), proto: protocols[0], generation: generation,
		conn: &clientConn{passage: new(passage), dialed: time.Now()},
		sent: time.Now(), received: time.Now(),
	}
	for _, s := range sites {
		if s.host == host {
			x.site = s
		}
	}
	x.conn.by.Store(&gatedListener{generation: generation})
	return x
}

func fields(t *testing.T, lines string) http.Header {
	t.Helper()
	h := make(http.Header)
	for line := range strings.Lines(lines) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			t.Fatalf("%q is no header field", line)
		}
		h[name] = append(h[name], value)
	}
	return h
}

const (
	getFromApp  = "GET /hello\nOrigin: https://app.example.com"
	getFromEvil = "GET /hello\nOrigin: https://evil.example"
	appMayPut   = "OPTIONS /hello\nOrigin: https://app.example.com\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-a"

	varyAll   = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\n"
	forApp    = "Access-Control-Allow-Origin: https://app.example.com\n"
	exposed   = "Access-Control-Expose-Headers: X-Id,X-Total\n"
	granted   = "Access-Control-Allow-Methods: PUT,DELETE\nAccess-Control-Allow-Headers: X-A,X-B,Content-Type\nAccess-Control-Max-Age: 600\n"
	named     = "Access-Control-Allow-Credentials: true\nAccess-Control-Expose-Headers: X-Id\nX-Id: 1\n"
	spokenFor = "X-Upstream: yes\nX-Id: 1\n"
)

// judgements are responses, and what the oracle must say of them: nothing, or
// words of its complaint.
var judgements = map[string]struct {
	host       string
	generation int
	asked      string
	status     int
	said       string
	complaint  string
}{
	"allowed":                      {"exact.test", 0, getFromApp, 200, forApp + exposed + "Vary: Origin", ""},
	"no Vary":                      {"exact.test", 0, getFromApp, 200, forApp + exposed, "has origin 0 times"},
	"Vary twice":                   {"exact.test", 0, getFromApp, 200, forApp + exposed + "Vary: Origin\nVary: Cookie, origin", "has origin 2 times"},
	"a Vary of nobody's":           {"exact.test", 0, getFromApp, 200, forApp + exposed + "Vary: Origin, Cookie", "has cookie"},
	"two lines":                    {"exact.test", 0, getFromApp, 200, forApp + forApp + exposed + "Vary: Origin", "Allow-Origin"},
	"another's origin":             {"exact.test", 0, getFromApp, 200, "Access-Control-Allow-Origin: https://b.example.com:8443\n" + exposed + "Vary: Origin", "Allow-Origin"},
	"spoilt by another request":    {"exact.test", 0, getFromApp, 200, "Access-Control-Allow-Origin: spoilt://app.example.com\n" + exposed + "Vary: Origin", "Allow-Origin"},
	"nothing":                      {"exact.test", 0, getFromApp, 200, "Vary: Origin", "Allow-Origin"},
	"credentials of nobody's":      {"exact.test", 0, getFromApp, 200, forApp + exposed + "Access-Control-Allow-Credentials: true\nVary: Origin", "Allow-Credentials"},
	"expose of another generation": {"exact.test", 1, getFromApp, 200, forApp + exposed + "Vary: Origin", "Expose-Headers"},
	"allowed in an older one":      {"exact.test", 2, getFromApp, 200, forApp + exposed + "Vary: Origin", "Allow-Origin"},
	"no such generation":           {"exact.test", 4, getFromApp, 200, forApp + exposed + "Vary: Origin", "not in force"},
	"an odd spelling":              {"exact.test", 0, getFromApp, 200, forApp + exposed + "access-control-allow-methods: PUT\nVary: Origin", "allow-methods"},
	"a debug header":               {"exact.test", 0, getFromApp, 200, forApp + exposed + "Cors-Debug: x\nVary: Origin", "Cors-Debug"},
	"timing":                       {"exact.test", 0, getFromApp, 200, forApp + exposed + "Timing-Allow-Origin: *\nVary: Origin", "Timing-Allow-Origin"},
	"another status":               {"exact.test", 0, getFromApp, 502, forApp + exposed + "Vary: Origin", "status 502"},

	"refused":                 {"exact.test", 0, getFromEvil, 200, "Vary: Origin", ""},
	"refused, but allowed":    {"exact.test", 0, getFromEvil, 200, "Access-Control-Allow-Origin: https://evil.example\nVary: Origin", "Allow-Origin"},
	"refused, but told":       {"exact.test", 0, getFromEvil, 200, "Access-Control-Max-Age: 600\nVary: Origin", "Max-Age"},
	"refused without Vary":    {"exact.test", 0, getFromEvil, 200, "", "has origin 0 times"},
	"no Origin":               {"exact.test", 0, "GET /hello", 200, "Vary: Origin", ""},
	"no Origin, no Vary":      {"exact.test", 0, "GET /hello", 200, "", "has origin 0 times"},
	"no Origin, but allowed":  {"exact.test", 0, "GET /hello", 200, forApp + "Vary: Origin", "Allow-Origin"},
	"refused before upstream": {"requests.test", 0, getFromEvil, 403, "Vary: Origin", ""},
	"let through":             {"requests.test", 0, getFromEvil, 200, "Vary: Origin", "status 200"},

	"preflight":                   {"exact.test", 0, appMayPut, 204, forApp + granted + varyAll, ""},
	"preflight passed on":         {"exact.test", 0, appMayPut, 200, forApp + granted + varyAll, "status 200"},
	"preflight of another":        {"exact.test", 1, appMayPut, 204, forApp + granted + varyAll, "Allow-Methods"},
	"preflight without a list":    {"exact.test", 0, appMayPut, 204, forApp + "Access-Control-Max-Age: 600\n" + varyAll, "Allow-Methods"},
	"preflight that varies less":  {"exact.test", 0, appMayPut, 204, forApp + granted + "Vary: Origin", "access-control-request-method 0 times"},
	"preflight of a stranger":     {"exact.test", 2, appMayPut, 403, varyAll, ""},
	"preflight let through":       {"exact.test", 2, appMayPut, 204, varyAll, "status 204"},
	"preflight kept too long":     {"defaults.test", 0, appMayPut, 204, forApp + strings.ReplaceAll(granted, "600", "86400") + varyAll, "Max-Age"},
	"headers echoed unlisted":     {"credentials.test", 0, appMayPut + ", authorization", 204, forApp + "Access-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: x-a,authorization\nAccess-Control-Max-Age: 7200\n" + varyAll, "Allow-Headers"},
	"wildcard with credentials":   {"credentials.test", 0, appMayPut, 204, forApp + "Access-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: x-a\nAccess-Control-Max-Age: 7200\n" + varyAll, "Allow-Methods"},
	"every origin, as it is":      {"static.test", 0, getFromEvil, 200, "Access-Control-Allow-Origin: *\nAccess-Control-Expose-Headers: *", ""},
	"every origin, and a Vary":    {"static.test", 0, getFromEvil, 200, "Access-Control-Allow-Origin: *\nAccess-Control-Expose-Headers: *\nVary: Origin", "has origin"},
	"every origin, but by name":   {"static.test", 0, getFromApp, 200, forApp + "Access-Control-Expose-Headers: *", "Allow-Origin"},
	"all names":                   {"credentials.test", 0, getFromApp, 200, forApp + named + "Vary: Origin", "has Vary 0 times"},
	"a name that is not there":    {"credentials.test", 0, getFromApp, 200, forApp + strings.ReplaceAll(named, "X-Id\n", "X-Id,Vary,X-Total\n") + "Vary: Origin", "X-Total"},
	"the names that there are":    {"credentials.test", 0, getFromApp, 200, forApp + strings.ReplaceAll(named, "X-Id\n", "X-Id,Vary\n") + "Vary: Origin", ""},
	"a reason":                    {"debug.test", 0, getFromEvil, 200, "Vary: Origin\nCors-Debug: policy=\"debug\", decision=refused, reason=origin_not_allowed, detail=\"x\"", ""},
	"another reason":              {"debug.test", 0, getFromEvil, 200, "Vary: Origin\nCors-Debug: policy=\"debug\", decision=refused, reason=origin_malformed, detail=\"x\"", "Cors-Debug"},
	"what only is reported":       {"report.test", 0, getFromApp, 200, forApp + "Vary: Origin", "Allow-Origin"},
	"an upstream that is kept":    {"keep.test", 0, "GET /steady/x?cors=star\nOrigin: https://app.example.com", 200, spokenFor + "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true\nVary: Accept-Language, Origin", ""},
	"an upstream that is not":     {"keep.test", 0, "GET /steady/x?cors=star\nOrigin: https://app.example.com", 200, spokenFor + forApp + "Access-Control-Expose-Headers: X-Id\nVary: Accept-Language, Origin", "Allow-Origin"},
	"an upstream's word":          {"exact.test", 0, "GET /steady/x?cors=star\nOrigin: https://evil.example", 200, spokenFor + "Access-Control-Allow-Origin: *\nVary: Origin, Accept-Language", "Allow-Origin"},
	"an upstream's Vary is gone":  {"exact.test", 0, "GET /steady/x?cors=star\nOrigin: https://evil.example", 200, spokenFor + "Vary: Origin", "accept-language"},
	"an upstream that lives":      {"exact.test", 0, "GET /mortal/x\nOrigin: https://evil.example", 502, "Vary: Origin", "status 502"},
	"spoilt on purpose":           {"exact.test", 2, "GET /spoil\nOrigin: https://new.example.com", 200, "Access-Control-Allow-Origin: spoilt://new.example.com\nVary: Spoilt", ""},
	"listed":                      {"list.test", 0, "GET /hello\nOrigin: https://v7.lists.example", 200, "Access-Control-Allow-Origin: https://v7.lists.example\nVary: Origin", ""},
	"listed no more":              {"list.test", 0, "GET /hello\nOrigin: https://v6.lists.example", 200, "Access-Control-Allow-Origin: https://v6.lists.example\nVary: Origin", "Allow-Origin"},
	"listed, but refused":         {"list.test", 0, "GET /hello\nOrigin: https://v7.lists.example", 200, "Vary: Origin", "Allow-Origin"},
	"a customer":                  {"ask.test", 1, "GET /hello\nOrigin: https://yes-1.ask.example", 200, "Access-Control-Allow-Origin: https://yes-1.ask.example\nAccess-Control-Allow-Credentials: true\nVary: Origin", ""},
	"a customer who is forgotten": {"ask.test", 1, "GET /hello\nOrigin: https://yes-1.ask.example", 200, "Vary: Origin", "Allow-Origin"},
	"no customer":                 {"ask.test", 1, "GET /hello\nOrigin: https://no-1.ask.example", 200, "Access-Control-Allow-Origin: https://no-1.ask.example\nAccess-Control-Allow-Credentials: true\nVary: Origin", "Allow-Origin"},
}

// TestOracle: what is right passes, and what is wrong does not.
func TestOracle(t *testing.T) {
	for name, j := range judgements {
		t.Run(name, func(t *testing.T) {
			_, err := scene(t).check(answered(t, j.host, j.generation, j.asked, j.status, j.said))
			switch {
			case j.complaint == "" && err != nil:
				t.Errorf("it is right, but: %v", err)
			case j.complaint != "" && err == nil:
				t.Error("it is wrong, but passed")
			case j.complaint != "" && !strings.Contains(err.Error(), j.complaint):
				t.Errorf("complaint %q, want %q in it", err, j.complaint)
			}
		})
	}
}

// TestOracleOfTime: while a list changes, both versions are right, and only
// then.
func TestOracleOfTime(t *testing.T) {
	x := answered(t, "list.test", 0, "GET /hello\nOrigin: https://v6.lists.example", 200, "Access-Control-Allow-Origin: https://v6.lists.example\nVary: Origin")
	w := scene(t)
	w.list.versions[1].seen = time.Time{}
	if _, err := w.check(x); err != nil {
		t.Errorf("version 7 is not known to be in force: %v", err)
	}
	w.list.confirm()
	if _, err := w.check(x); err != nil {
		t.Errorf("version 7 was in force only after the request was sent: %v", err)
	}
	x.sent = time.Now().Add(time.Second)
	if _, err := w.check(x); err == nil {
		t.Error("version 7 was in force before, but nobody noticed")
	}
	x = answered(t, "exact.test", 0, getFromEvil, 200, "Vary: Origin")
	x.conn.by.Load().closed.Store(new(x.conn.dialed.Add(-time.Second)))
	if _, err := w.check(x); err == nil {
		t.Error("nobody listened any more, but nobody noticed")
	}
}

// TestDropped: a request that comes to nothing is excused only if the server
// could not have read it.
func TestDropped(t *testing.T) {
	arrived, stays, goes := true, true, false
	for name, c := range map[string]struct {
		arrives, stays, dropped bool
	}{
		"by a handler":                      {arrived, goes, true},
		"by a server that stays":            {false, stays, true},
		"by a server that shuts down again": {false, goes, true}, // and again, and again
	} {
		t.Run(name, func(t *testing.T) {
			tally := newTally()
			tally.moment = 10 * time.Millisecond
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			defer inner.Close()
			l := &gatedListener{Listener: inner}
			if !c.stays {
				l.closed.Store(new(time.Now()))
			}
			go hangUp(l, c.arrives)
			client := &client{proto: protocols[0], base: "http://" + inner.Addr().String(), tally: tally, transport: &http.Transport{DialContext: dialGated}}
			_, err = client.do(t.Context(), &request{site: sites[0], path: "/", method: http.MethodGet, header: make(http.Header)})
			if (err != nil) != c.dropped {
				t.Errorf("got %v", err)
			}
			if want := int64(0); c.stays || c.arrives {
				if got := tally.goodbyes.Load(); got != want {
					t.Errorf("excused %d times, want %d", got, want)
				}
			}
		})
	}
}

// hangUp reads requests and does not answer.
func hangUp(l net.Listener, arrives bool) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		buf := make([]byte, 4<<10)
		n, _ := conn.Read(buf)
		if _, number, ok := strings.Cut(string(buf[:n]), numberHeader+": "); ok && arrives {
			number, _, _ = strings.Cut(number, "\r\n")
			arrivals.note(number, 0)
		}
		conn.Close()
	}
}

// TestGrown: what grows is seen.
func TestGrown(t *testing.T) {
	before := resources{goroutines: 30, heap: 10 << 20, descriptors: 20}
	for name, c := range map[string]struct {
		after resources
		grown bool
	}{
		"nothing":    {before, false},
		"shrunk":     {resources{10, 1 << 20, 10}, false},
		"goroutines": {resources{60, 10 << 20, 20}, true},
		"heap":       {resources{30, 30 << 20, 20}, true},
		"files":      {resources{30, 10 << 20, 30}, true},
	} {
		if got := !before.covers(c.after); got != c.grown {
			t.Errorf("%s: grown %t", name, got)
		}
	}
}

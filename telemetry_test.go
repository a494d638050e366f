package cors

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// counted reads one counter of the metrics.
func counted(policy, kind, decision, reason string) float64 {
	return testutil.ToFloat64(requestsTotal.WithLabelValues(policy, kind, decision, reason))
}

// TestMetrics: every kind of decision is counted, over reloads too, and labels
// never have a value that a request chose.
func TestMetrics(t *testing.T) {
	t.Parallel()
	const lines = "cors https://app.example.com {\n\tname metrics_test\n\tmethods PUT\n\theaders X-A\n}\nrespond hello"
	outcomes := [][3]string{
		{"actual", "allowed", ""},
		{"actual", "refused", "origin_not_allowed"},
		{"actual", "refused", "origin_malformed"},
		{"actual", "same_origin", ""},
		{"preflight", "allowed", ""},
		{"preflight", "refused", "method_not_allowed"},
		{"preflight", "refused", "header_not_allowed"},
		{"preflight", "refused", "headers_malformed"},
		{"preflight", "refused", "origin_not_allowed"},
	}
	before := make(map[[3]string]float64)
	for _, c := range outcomes {
		before[c] = counted("metrics_test", c[0], c[1], c[2])
	}
	for reload := range 2 {
		srv := corstest.Site(t, lines)
		corstest.Ask(t, "GET", srv.URL)
		corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
		corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
		corstest.Ask(t, "GET", srv.URL, corstest.From("nonsense"))
		corstest.Ask(t, "POST", srv.URL, corstest.From("https://a.example"), corstest.Header{"Host", "a.example"})
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"))
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("DELETE"))
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"), corstest.Header{httpwords.RequestHeaders, "x-b"})
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"), corstest.Header{httpwords.RequestHeaders, strings.Repeat("x", 5000)})
		corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.Evil), corstest.AsksFor("PUT"))
		for _, c := range outcomes {
			if got, want := counted("metrics_test", c[0], c[1], c[2])-before[c], float64(reload+1); got != want {
				t.Errorf("%v: counted %v, want %v", c, got, want)
			}
		}
	}
}

// TestScrape: what Prometheus reads has the promised name and labels.
func TestScrape(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors https://app.example.com {\n\tname scrape_test\n}\nrespond hello")
	corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
	registry := prometheus.NewRegistry()
	registry.MustRegister(requestsTotal)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&b, family); err != nil {
			t.Fatal(err)
		}
	}
	want := fmt.Sprintf(`caddy_cors_requests_total{decision="allowed",policy="scrape_test",reason="",type="actual"} %v`, counted("scrape_test", "actual", "allowed", ""))
	if !strings.Contains(b.String(), want) {
		t.Errorf("%s is missing in:\n%s", want, b.String())
	}
}

func TestPlaceholdersOfRequests(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors https://app.example.com {\n\tname mine\n}\nrespond \"{http.cors.decision}|{http.cors.reason}|{http.cors.policy}\"")
	for origin, want := range map[string]string{corstest.App: "allowed||mine", corstest.Evil: "refused|origin_not_allowed|mine", "": "none||mine"} {
		if got := bodyOf(corstest.Ask(t, "GET", srv.URL, corstest.From(origin))); got != want {
			t.Errorf("%q: got %q, want %q", origin, got, want)
		}
	}
	// An answered preflight has no later handler; a deferred header is outside.
	srv = corstest.Site(t, "header >X-Decision {http.cors.decision}\n"+oneLine)
	corstest.WantHeader(t, corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT")).Header, "X-Decision", "allowed")
}

func bodyOf(res *http.Response) string {
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body)
	return b.String()
}

// TestAccessLog: CORS requests have a field, others do not.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	id := "access_" + t.Name()
	t.Cleanup(corstest.LogLines(id).Reset)
	srv := corstest.Site(t, "log {\n\toutput memory "+id+"\n}\ncors https://app.example.com {\n\tname mine\n}\nrespond hello")
	corstest.Ask(t, "GET", srv.URL)
	corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
	corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"))
	for want, n := range map[string]int{
		`"cors":{`: 2,
		`"cors":{"policy":"mine","type":"actual","decision":"refused","reason":"origin_not_allowed"}`: 1,
		`"cors":{"policy":"mine","type":"preflight","decision":"allowed"}`:                            1,
		`"status":`: 3,
	} {
		if got := corstest.LogLines(id).Count(want); got != n {
			t.Errorf("%d lines with %s, want %d:\n%s", got, want, n, corstest.LogLines(id))
		}
	}
}

// requestFrom is a GET from an origin.
func requestFrom(o string) policy.Request {
	return policy.Request{Method: http.MethodGet, Origin: []string{o}}
}

func TestDebugHeader(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors https://app.example.com {\n\tname \"the \\\"app\\\"\"\n\tdebug\n\tmethods PUT\n\theaders X-A\n}\nrespond hello")
	for _, c := range []struct {
		method  string
		headers []corstest.Header
		want    string
	}{
		{"GET", []corstest.Header{corstest.From(corstest.App)}, `policy="the \"app\"", decision=allowed`},
		{"GET", nil, `policy="the \"app\"", decision=none`},
		{"GET", []corstest.Header{corstest.From(corstest.Evil)}, `policy="the \"app\"", decision=refused, reason=origin_not_allowed, detail="the policy does not allow this origin"`},
		{"OPTIONS", []corstest.Header{corstest.From(corstest.App), corstest.AsksFor("PURGE")}, `policy="the \"app\"", decision=refused, reason=method_not_allowed, detail="the method asked for is not in: PUT"`},
		{"OPTIONS", []corstest.Header{corstest.From(corstest.App), corstest.AsksFor("PUT"), {httpwords.RequestHeaders, "x-b"}}, `policy="the \"app\"", decision=refused, reason=header_not_allowed, detail="a header asked for is not in: X-A"`},
	} {
		corstest.WantHeader(t, corstest.Ask(t, c.method, srv.URL, c.headers...).Header, headerDebug, c.want)
	}
	corstest.WantHeader(t, corstest.Ask(t, "GET", corstest.Site(t, oneLine+"\nrespond hello").URL, corstest.From(corstest.Evil)).Header, headerDebug)
	if got := sfString("a\"\\\x00é"); got != `"a\"\\???"` {
		t.Errorf("got %s", got)
	}
}

// TestReportOnly: not one byte of any response changes, and yet it decides,
// logs and counts, beside the policy in force.
func TestReportOnly(t *testing.T) {
	t.Parallel()
	const without = "cors https://app.example.com\nrespond hello"
	const with = "cors https://new.example.com {\n\treport_only\n\tname report_test\n\tenforce requests\n\tdebug\n}\n" + without
	refused, allowed := counted("report_test", "actual", "refused", "origin_not_allowed"), counted("report_test", "preflight", "allowed", "")
	for name, sites := range map[string][2]string{
		"beside a policy": {without, with},
		"alone":           {"respond hello", strings.TrimSuffix(with, without) + "respond hello"},
	} {
		a, b := corstest.Site(t, sites[0]), corstest.Site(t, sites[1])
		for _, method := range []string{"GET", "OPTIONS"} {
			for _, origin := range []string{"", corstest.App, corstest.Evil, "https://new.example.com"} {
				headers := []corstest.Header{corstest.From(origin), {"Host", "same.example"}}
				if method == "OPTIONS" {
					headers = append(headers, corstest.AsksFor("PUT"))
				}
				x, y := corstest.Ask(t, method, a.URL, headers...), corstest.Ask(t, method, b.URL, headers...)
				x.Header.Del("Date")
				y.Header.Del("Date")
				if x.StatusCode != y.StatusCode || fmt.Sprint(x.Header) != fmt.Sprint(y.Header) || bodyOf(x) != bodyOf(y) {
					t.Errorf("%s: %s from %q: %d %v, with report_only %d %v", name, method, origin, x.StatusCode, x.Header, y.StatusCode, y.Header)
				}
			}
		}
	}
	if got := counted("report_test", "actual", "refused", "origin_not_allowed") - refused; got != 4 {
		t.Errorf("counted %v refused requests", got)
	}
	if got := counted("report_test", "preflight", "allowed", "") - allowed; got != 2 {
		t.Errorf("counted %v allowed preflights", got)
	}
	if n := corstest.LogLines(t.Name()).Count("two cors handlers"); n != 0 {
		t.Error("two policies of which one reports are no mistake")
	}
}

func TestEnforce(t *testing.T) {
	t.Parallel()
	upgrade := []corstest.Header{{"Connection", "Upgrade"}, {"Upgrade", "h2c, WebSocket"}}
	for _, c := range []struct {
		lines   string
		method  string
		headers []corstest.Header
		want    int
	}{
		{"enforce requests", "GET", []corstest.Header{corstest.From(corstest.Evil)}, 403},
		{"enforce requests", "POST", []corstest.Header{corstest.From("null")}, 403},
		{"enforce requests", "POST", []corstest.Header{corstest.From(corstest.App), corstest.From(corstest.Evil)}, 403},
		{"enforce requests", "GET", append(upgrade, corstest.From(corstest.Evil)), 403},
		{"enforce requests", "GET", []corstest.Header{corstest.From(corstest.App)}, 200},
		{"enforce requests", "POST", nil, 200},
		{"enforce requests", "POST", []corstest.Header{corstest.From("https://same.example"), {"Host", "same.example"}}, 200},
		{"enforce requests", "POST", []corstest.Header{corstest.From(corstest.Evil), {httpwords.SecFetchSite, "same-origin"}}, 200},
		{"enforce websockets", "GET", append(upgrade, corstest.From(corstest.Evil)), 403},
		{"enforce websockets", "GET", append(upgrade, corstest.From(corstest.App)), 200},
		{"enforce websockets", "GET", upgrade, 200},
		{"enforce websockets", "GET", []corstest.Header{corstest.From(corstest.Evil)}, 200},
		{"enforce websockets requests", "GET", []corstest.Header{corstest.From(corstest.Evil)}, 403},
		{"", "GET", append(upgrade, corstest.From(corstest.Evil)), 200},
	} {
		reached := false
		srv := corstest.Site(t, "cors https://app.example.com {\n\t"+c.lines+"\n}\n"+corstest.InChain(t, func(w http.ResponseWriter, _ *http.Request) error {
			reached = true
			return nil
		})+"\nhandle_errors {\n\trespond \"styled {err.status_code}\"\n}")
		res := corstest.Ask(t, c.method, srv.URL, c.headers...)
		if res.StatusCode != c.want || reached != (c.want == 200) {
			t.Errorf("%s, %v: status %d, reached %t", c.lines, c.headers, res.StatusCode, reached)
		}
		corstest.WantVary(t, res.Header, "Origin")
		if c.want == 403 {
			corstest.WantNothing(t, res.Header)
			if got := bodyOf(res); got != "styled 403" {
				t.Errorf("%s: body %q is not the error route's", c.lines, got)
			}
		}
	}
	// An error route shows the error that there is, not another.
	srv := corstest.Site(t, "error 500\nhandle_errors {\n\tcors https://app.example.com {\n\t\tenforce requests\n\t}\n\trespond \"styled {err.status_code}\"\n}")
	if res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)); res.StatusCode != 500 || bodyOf(res) != "styled 500" {
		t.Errorf("an error route that enforces: status %d", res.StatusCode)
	}
	for lines, want := range map[string]string{"enforce everything": "unknown word", "enforce": "needs at least one value (requests, websockets)", "enforce request": "did you mean requests?"} {
		if _, err := corstest.Adapt("http:// {\ncors https://a.example {\n" + lines + "\n}\n}"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", lines, err, want)
		}
	}
}

// TestIsWebSocket: the handshakes of HTTP/2 and HTTP/3, as Caddy sees them.
func TestIsWebSocket(t *testing.T) {
	t.Parallel()
	h2, _ := http.NewRequest("CONNECT", "https://a.example/", nil)
	h2.ProtoMajor = 2
	h2.Header[":protocol"] = []string{"websocket"}
	h3, _ := http.NewRequest("CONNECT", "https://a.example/", nil)
	h3.ProtoMajor, h3.Proto = 3, "websocket"
	plain, _ := http.NewRequest("CONNECT", "https://a.example/", nil)
	if !isWebSocket(h2) || !isWebSocket(h3) || isWebSocket(plain) {
		t.Errorf("got %t, %t, %t", isWebSocket(h2), isWebSocket(h3), isWebSocket(plain))
	}
}

// TestUpgradeIsReadToItsEnd: what is in front of the word must not hide it.
func TestUpgradeIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{{"websocket"}, {"h2c, WebSocket"}, {strings.Repeat(",", 64) + "websocket"}, {"h2c", "websocket"}} {
		if r := (&http.Request{Method: http.MethodGet, Header: http.Header{"Upgrade": lines}}); !isWebSocket(r) {
			t.Errorf("%.20q asks for a WebSocket", lines)
		}
	}
}

// TestReasons: each reason is explained where people look for it.
func TestReasons(t *testing.T) {
	t.Parallel()
	for r := policy.ReasonOriginNotAllowed; int(r) < policy.NumReasons; r++ {
		if detail(&policy.Decision{Judgment: policy.Judgment{Reason: r}}) == "" {
			t.Errorf("%s: Cors-Debug has no words for it", r)
		}
		for _, document := range []string{"docs/operate.md", "docs/troubleshooting.md"} {
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "`"+r.String()+"`") {
				t.Errorf("%s does not name %s", document, r)
			}
		}
	}
}

package repair_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// configurations is how many TestOnSockets repairs. CORS_REPAIR says others.
const configurations = 5

// TestOnSockets makes up configurations by hand, repairs them, and asks the old
// and the new one on real sockets: a repair loads, needs no other, and opens
// nothing.
func TestOnSockets(t *testing.T) {
	upstream := corstest.NewPersons(t)
	var n, mended, inJSON, left, readers int
	for seed := range corstest.Seeds(t, "CORS_REPAIR", configurations) {
		n++
		g := &grammar{Rand: rand.New(rand.NewPCG(seed, 7)), parts: rand.New(rand.NewPCG(seed, 8)), keeps: rand.New(rand.NewPCG(seed, 9)), upstream: upstream.Address}
		text := g.config()
		res, err := repair.Caddyfile("Caddyfile", []byte(text), repair.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if !res.Applies() {
			left++
			if g.reflects || strings.Contains(text, "import open") {
				continue
			}
			t.Logf("seed %d: not repaired: %v\n%s", seed, res.Repairs, text)
			continue
		}
		mended++
		readers += compare(t, upstream, seed, g, text, res.New["Caddyfile"])
		if seed%3 == 0 {
			if before, after := repairedJSON(t, seed, text); after != "" {
				inJSON++
				readers += compare(t, upstream, seed, g, before, after)
			}
		}
	}
	t.Logf("%d repaired, %d of them in JSON too, %d left, %d answers read", mended, inJSON, left, readers)
	if n < configurations {
		return // too few to judge how many are repaired
	}
	if readers < mended*4 {
		t.Errorf("only %d answers could be read", readers)
	}
	if mended < n*2/3 || inJSON < mended/4 {
		t.Errorf("only %d of %d are repaired, %d in JSON", mended, n, inJSON)
	}
}

// repairedJSON is a configuration in Caddy's own format, and what its patch makes
// of it. Empty: it is not repaired.
func repairedJSON(t *testing.T, seed uint64, text string) (before, after string) {
	t.Helper()
	config, err := corstest.Adapt(quiet(text))
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	res, err := repair.JSON(config, repair.Options{})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, config)
	}
	if !res.Applies() {
		t.Logf("seed %d: in JSON not repaired: %v\n%s", seed, res.Repairs, text)
		return "", ""
	}
	patched, err := repair.Patched(config, res.Patch)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s\n%v", seed, err, config, res.Patch)
	}
	return string(config), string(patched)
}

// again repairs what was repaired.
func again(text string) (*repair.Result, error) {
	if json.Valid([]byte(text)) {
		return repair.JSON([]byte(text), repair.Options{})
	}
	return repair.Caddyfile("Caddyfile", []byte(text), repair.Options{})
}

var persons = map[string]rehearsal.Person{"plain": rehearsal.Plain, "own": rehearsal.Own, "echo": rehearsal.Echo, "down": rehearsal.Down}

// compare asks the old and the new configuration the same.
func compare(t *testing.T, upstream *corstest.Persons, seed uint64, g *grammar, before, after string) (readers int) {
	t.Helper()
	if once, err := again(after); err != nil || once.Applies() {
		t.Errorf("seed %d: the repaired one is repaired once more, %v\n%s", seed, err, after)
		return 0
	}
	was, closeWas := live(t, before)
	defer closeWas()
	is, closeIs := live(t, after)
	defer closeIs()
	for range 60 {
		host, path := g.one("api", "api", "api", "other"), g.one("/", "/api/x", "/v1/x", "/other")
		origin := g.one("https://app.example.com", "https://app.example.com", "https://admin.example.com", "https://x.example.com", "https://evil.example", "null",
			"http://app.example.com", "https://app.example.com.evil.example", "https://appxexample.com", "https://evilexample.com", "https://up.example", "https://app.example.com:8443")
		method, header, credentials := g.one("GET", "GET", "POST", "PUT", "DELETE", "PATCH"), g.one("", "", "Content-Type", "Authorization", "X-Probe"), g.chance(40)
		person := g.one("plain", "plain", "own", "echo", "down")
		upstream.Play(persons[person])
		page, err := browser.ParseOrigin(origin)
		if err != nil {
			t.Fatal(err)
		}
		r := browser.Request{Method: method, URL: "http://" + host + ".localhost:8080" + path}
		if g.part.matcher != "" && g.parts.IntN(2) == 0 {
			r.URL += "?c=1"
		}
		if header != "" {
			r.Headers = browser.Headers{{header, map[string]string{"Content-Type": "application/json", "Authorization": "Basic YWxpY2U6eA=="}[header] + "1"}}
		}
		if credentials {
			r.Credentials = browser.CredentialsInclude
		}
		a, b := browser.Fetch(browser.Page{Origin: page}, r, was), browser.Fetch(browser.Page{Origin: page}, r, is)
		gained := b.Outcome == browser.Readable && a.Outcome != browser.Readable
		if len(b.Preflights) > 0 {
			gained = b.Outcome != browser.PreflightFailed && a.Outcome == browser.PreflightFailed
		}
		if gained && !g.may(origin, method, r.URL, header, credentials) {
			t.Errorf("seed %d: the repair lets %s do %s %s %s, credentials %v, upstream %s; before: %s %s\nbefore\n%s\nafter\n%s",
				seed, origin, method, r.URL, header, credentials, person, a.Outcome, a.Detail, before, after)
			return 0
		}
		if a.Outcome == browser.Readable && b.Outcome != browser.Readable && person == "plain" && g.may(origin, method, r.URL, header, credentials) {
			t.Errorf("seed %d: %s can no longer do %s %s %s, credentials %v, %s %s\nbefore\n%s\nafter\n%s", seed, origin, method, r.URL, header, credentials, b.Outcome, b.Detail, before, after)
			return 0
		}
		if b.Outcome == browser.Readable {
			readers++
		}
	}
	return readers
}

// live runs a configuration on a real socket, whatever hosts it has.
func live(t *testing.T, text string) (browser.RoundTrip, func()) {
	t.Helper()
	config := []byte(text)
	if !json.Valid(config) {
		var err error
		if config, err = corstest.Adapt(quiet(text)); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	app, err := corstest.Provision(t, config)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var server *httptest.Server
	for _, srv := range app.Servers {
		server = httptest.NewServer(srv)
	}
	return corstest.NewSockets(strings.TrimPrefix(server.URL, "http://")).Send, server.Close
}

// quiet is a configuration without a log.
func quiet(text string) string {
	return strings.Replace(text, "{\n\tadmin off", "{\n\tlog {\n\t\toutput discard\n\t}\n\tadmin off", 1)
}

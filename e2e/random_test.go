package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// How many random policies, each with a request of its own, a browser judges.
const randomCases = 800

// seedName is the environment variable that repeats a run.
const seedName = "CORS_SEED"

// seed says how to repeat the run.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if s := os.Getenv(seedName); s != "" {
		given, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", seedName, err)
		}
		n = given
	}
	t.Logf("the random cases come from %s=%d", seedName, n)
	return n
}

// random has a policy as the operator thinks of it and a request as the page
// thinks of it; model says what should come of them.
type random struct {
	origins     []choice
	except      string
	null        bool
	credentials bool
	methods     []string // nil: the default; empty: none
	headers     []string
	expose      []string
	keep        bool
	options     []string

	step   step
	custom []line // the headers of the step
}

// choice is a word for `origins` and the pages that it means.
type choice struct {
	word  string
	pages string
}

var originChoices = []choice{
	{"<app>", "app blob srcdoc worker"},
	{"<other>", "other"},
	{"<port>", "port"},
	{"<evil>", "evil"},
	{"<ip>", "ip"},
	{"http://app.cors.localhost:*", "app port blob srcdoc worker"},
	{"http://*.cors.localhost:<P>", "app other idn underscore shop blob srcdoc worker"},
	{"http://**.cors.localhost:<P>", "app other idn underscore shop deep blob srcdoc worker"},
	{"http://*.cors.localhost:*", "app other idn underscore shop port blob srcdoc worker"},
	{"http://*-shop.cors.localhost:<P>", "shop"},
	{"http://pr-*--shop.cors.localhost:*", "shop"},
	{"http://pr-7--shop*.cors.localhost:<P>", ""}, // a star is one byte at least
	{"http://ap*.cors.localhost:*", "app port blob srcdoc worker"},
	{"http://*r.cors.localhost:<P>", "other"},
	{"http://*score.cors.localhost:<P>", ""}, // and never an underscore
	{"http://b*.cors.localhost:*", ""},
	{"https://*-shop.cors.localhost:*", ""},
	{"https://*.cors.localhost:*", ""},
	{"http://cors.localhost:<P>", ""},
	{"app://.", ""}, // no browser's page has the origin of an app
	{"package://", ""},
	{"capacitor://app.cors.localhost", ""},
	{"capacitor://*.cors.localhost:*", ""},
}

// line is a request header and whether it needs a preflight.
type line struct {
	name, value string
	unsafe      bool
}

var lineChoices = []line{
	{"Accept", "text/html", false},
	{"Accept", strings.Repeat("a", 128), false},
	{"Accept", strings.Repeat("a", 129), true},
	{"Accept", "a(b", true},
	{"Accept-Language", "de;q=0.5", false},
	{"Accept-Language", "de_AT", true},
	{"Content-Language", "en", false},
	{"Range", "bytes=0-4", false},
	{"Range", "bytes=-4", true},
	{"Content-Type", "text/plain", false},
	{"Content-Type", "application/json", true},
	{"Authorization", "Bearer e2e", true},
	{"X-One", "1", true},
	{"X-Two", "", true},
	{"x-three", "3", true},
	{"If-None-Match", `"1"`, true},
	{"Cookie", "dropped", false},
	{"Sec-E2e", "dropped", false},
}

var (
	listedMethods = []string{"PUT", "DELETE", "PATCH", "patch", "CHICKEN", "QUERY", "OPTIONS", "POST"}
	pageMethods   = []string{"GET", "GET", "HEAD", "POST", "POST", "PUT", "put", "DELETE", "PATCH", "patch", "CHICKEN", "QUERY", "OPTIONS"}
	listedHeaders = []string{"X-One", "X-TWO", "x-three", "Content-Type", "Authorization", "Range", "accept", "Accept-Language", "If-None-Match"}
	listedExposed = []string{"X-A", "x-b", "Date", "ETag", "X-Absent"}
	pageNames     = []string{
		"app", "app", "app", "other", "other", "port", "deep", "evil", "ip", "shop", "idn", "underscore",
		"sandbox", "data", "data-worker", "blob", "srcdoc", "worker",
	}
	statuses = []int{200, 200, 200, 201, 400, 401, 403, 404, 418, 500, 503}
)

// newRandom draws a case.
func newRandom(rnd *rand.Rand) *random {
	r := new(random)
	r.drawStep(rnd)
	r.drawOrigins(rnd)
	r.methods = drawList(rnd, listedMethods)
	r.headers = drawList(rnd, listedHeaders)
	if len(r.headers) == 1 && r.headers[0] == "*" && rnd.IntN(2) == 0 {
		r.headers = append(r.headers, "Authorization")
	}
	if r.expose = drawList(rnd, listedExposed); len(r.expose) == 0 {
		r.expose = nil
	}
	r.options = []string{
		pick(rnd, "", "max_age 0s", "max_age 10m", "max_age off"),
		pick(rnd, "", "preflight_status 200", "preflight_status 299"),
		pick(rnd, "", "timing"),
	}
	r.keep = rnd.IntN(10) == 0
	return r
}

func (r *random) drawOrigins(rnd *rand.Rand) {
	switch rnd.IntN(6) {
	case 0:
		r.origins = []choice{{"*", strings.Join(pageNames, " ")}}
		r.except = pick(rnd, "", "", "<other>")
		return
	case 1:
		r.null = true
	default:
		r.credentials = rnd.IntN(3) > 0
	}
	for _, i := range rnd.Perm(len(originChoices))[:1+rnd.IntN(4)] {
		r.origins = append(r.origins, originChoices[i])
	}
	for _, c := range originChoices { // else too few would be allowed
		if slices.Contains(strings.Fields(c.pages), r.step.Page) && rnd.IntN(3) > 0 && !slices.Contains(r.origins, c) {
			r.origins = append(r.origins, c)
			break
		}
	}
	if r.null {
		r.origins = append(r.origins, choice{"null", "sandbox data data-worker"})
	}
	r.except = pick(rnd, "", "", "", "<app>", "<other>")
}

// drawList is nil for the default, empty for none, a star, or some words.
func drawList(rnd *rand.Rand, words []string) []string {
	switch rnd.IntN(8) {
	case 0, 1, 2:
		return nil
	case 3:
		return []string{}
	case 4:
		return []string{"*"}
	}
	var list []string
	for _, i := range rnd.Perm(len(words))[:1+rnd.IntN(4)] {
		list = append(list, words[i])
	}
	return list
}

func (r *random) drawStep(rnd *rand.Rand) {
	s := call(pick(rnd, pageMethods...)).from(pick(rnd, pageNames...))
	s.Kind = pick(rnd, "fetch", "fetch", "xhr")
	s.host = pick(rnd, "", "", "", "", "", "app")
	s.Credentials = pick(rnd, "", "include")
	if s.Kind == "fetch" {
		s.Credentials = pick(rnd, "", "omit", "same-origin", "include", "include")
	}
	if m := strings.ToUpper(s.Method); m != "GET" && m != "HEAD" {
		s.Body = "x"
		s.Upload = s.Kind == "xhr" && rnd.IntN(3) == 0
	}
	used := make(map[string]bool)
	for _, i := range rnd.Perm(len(lineChoices))[:rnd.IntN(4)] {
		l := lineChoices[i]
		if !used[l.name] {
			r.custom = append(r.custom, l)
			s = s.with(l.name, l.value)
		}
		used[l.name] = true
	}
	r.step = s
}

func pick[T any](rnd *rand.Rand, from ...T) T { return from[rnd.IntN(len(from))] }

// randomTable draws the cases of a seed.
func randomTable(n uint64) (cases []testCase, models []*random) {
	rnd := rand.New(rand.NewPCG(n, 0))
	for i := range randomCases {
		r := newRandom(rnd)
		c := one(fmt.Sprintf("random/%d", i), r.site(), r.step, "").answers(r.upstream(rnd))
		c.want = r.model(c.behind.status)
		cases, models = append(cases, c), append(models, r)
	}
	return cases, models
}

// upstream draws what stands behind. Its own headers must make no difference.
func (r *random) upstream(rnd *rand.Rand) upstream {
	u := answer(pick(rnd, statuses...), [2]string{"ETag", `"e2e"`})
	switch rnd.IntN(4) {
	case 0:
		u.headers = append(u.headers, [2]string{allowOrigin, pick(rnd, "*", "<app>", "https://elsewhere.example")})
	case 1:
		u.headers = append(u.headers, [2]string{exposeHeaders, "*"}, [2]string{allowCredentials, "true"})
	}
	return u
}

// site writes the policy.
func (r *random) site() string {
	var origins []string
	for _, c := range r.origins {
		origins = append(origins, c.word)
	}
	lines := append([]string(nil), r.options...)
	add := func(option string, words []string) {
		switch {
		case words == nil:
		case len(words) == 0:
			lines = append(lines, option+" none")
		default:
			lines = append(lines, option+" "+strings.Join(words, " "))
		}
	}
	add("methods", r.methods)
	add("headers", r.headers)
	add("expose", r.expose)
	if r.except != "" {
		lines = append(lines, "except "+r.except)
	}
	if r.credentials {
		lines = append(lines, "credentials")
	}
	if r.null {
		lines = append(lines, "dangerously_allow null_origin")
	}
	if r.keep {
		lines = append(lines, "upstream keep")
	}
	return cors(strings.Join(origins, " "), lines...)
}

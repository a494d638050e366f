package e2e

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// testCase is one question to a browser: a policy, what stands behind it, and
// what pages do.
type testCase struct {
	id     string // group/name
	site   string // Caddyfile lines; <app>, <other>, ... stand for origins
	behind upstream
	steps  []step

	// want is what the standard says, written by hand in the words of report.String.
	want string
	// reads and hides are response headers that the last step must, and must not, show to the page.
	reads, hides []string
	// decides is the step of the standard that stands against the page (internal/browser counts them); 0 where none does.
	decides int
	// why the simulator has nothing to say here; empty if it has.
	unsimulated string

	ownSite   bool // a site block of its own, for handle_errors
	alone     bool // nothing behind the site's own lines
	keptOut   bool // nothing may reach what stands behind
	httpCache bool // the simulator needs an HTTP cache
	settle    int  // how many requests the server must have seen before the case is over
	number    int  // its place in the table, and in URLs
}

func (c testCase) group() string {
	group, _, _ := strings.Cut(c.id, "/")
	return group
}

// slow cases wait for something.
func (c testCase) slow() bool {
	for _, s := range c.steps {
		if s.Wait > 0 {
			return true
		}
	}
	return false
}

// one is a case of a single step.
func one(id, site string, s step, want string) testCase {
	return testCase{id: id, site: site, steps: []step{s}, want: want}
}

// many is a case of several steps, one after the other.
func many(id, site, want string, steps ...step) testCase {
	return testCase{id: id, site: site, steps: steps, want: want}
}

func (c testCase) answers(u upstream) testCase         { c.behind = u; return c }
func (c testCase) shows(names ...string) testCase      { c.reads = names; return c }
func (c testCase) conceals(names ...string) testCase   { c.hides = names; return c }
func (c testCase) fails(step int) testCase             { c.decides = step; return c }
func (c testCase) notSimulated(reason string) testCase { c.unsimulated = reason; return c }
func (c testCase) cached() testCase                    { c.httpCache = true; return c }
func (c testCase) settles(requests int) testCase       { c.settle = requests; return c }
func (c testCase) bySite() testCase                    { c.ownSite = true; return c }
func (c testCase) staysOut() testCase                  { c.keptOut = true; return c }
func (c testCase) onItsOwn() testCase                  { c.alone = true; return c }

// step is one thing that a page does.
type step struct {
	Page        string      `json:"page"` // one of pages
	Kind        string      `json:"kind"`
	URL         string      `json:"url"`
	Method      string      `json:"method,omitempty"`
	Headers     [][2]string `json:"headers,omitempty"`
	Body        string      `json:"body,omitempty"`
	Credentials string      `json:"credentials,omitempty"`
	Mode        string      `json:"mode,omitempty"`
	Redirect    string      `json:"redirect,omitempty"`
	Cache       string      `json:"cache,omitempty"`
	Policy      string      `json:"policy,omitempty"`
	Upload      bool        `json:"upload,omitempty"` // XHR: listen to the upload
	Streamed    bool        `json:"streamed,omitempty"`
	KeepAlive   bool        `json:"keepalive,omitempty"`
	Cross       string      `json:"cross,omitempty"`  // the crossorigin attribute; "none": absent
	Events      int         `json:"events,omitempty"` // EventSource: how many make it a success
	Wait        int         `json:"wait,omitempty"`   // ms before the step
	Within      int         `json:"within,omitempty"` // ms since the first step; later than that says nothing

	host string // of the server: api, api2, app, ...
	path string // below the case's own
}

// call is fetch(url, {method}).
func call(method string) step { return step{Kind: "fetch", Method: method} }

// element is something that loads by itself; cross is its crossorigin attribute.
func element(kind, cross string) step { return step{Kind: kind, Cross: cross} }

func (s step) with(name, value string) step {
	s.Headers = append(slices.Clip(s.Headers), [2]string{name, value})
	return s
}

func (s step) sending(body string) step     { s.Body = body; return s }
func (s step) from(page string) step        { s.Page = page; return s }
func (s step) home() step                   { return s.to("app") }
func (s step) to(host string) step          { s.host = host; return s }
func (s step) at(path string) step          { s.path = path; return s }
func (s step) xhr() step                    { s.Kind = "xhr"; return s }
func (s step) uploading() step              { s.Kind, s.Upload = "xhr", true; return s }
func (s step) creds(mode string) step       { s.Credentials = mode; return s }
func (s step) include() step                { return s.creds("include") }
func (s step) mode(mode string) step        { s.Mode = mode; return s }
func (s step) redirecting(mode string) step { s.Redirect = mode; return s }
func (s step) cacheMode(mode string) step   { s.Cache = mode; return s }
func (s step) after(ms int) step            { s.Wait = ms; return s }
func (s step) soon() step                   { s.Within = 4000; return s }

// request is the step as the simulator sees it.
func (s step) request() browser.Request {
	r := browser.Request{
		Method: s.Method, URL: s.URL, Headers: browser.Headers(s.Headers),
		Mode: browser.Mode(s.Mode), Credentials: browser.CredentialsMode(s.Credentials),
		Redirect: browser.RedirectMode(s.Redirect), Policy: browser.ReferrerPolicy(s.Policy),
		UseCORSPreflight: s.Upload || s.Streamed,
	}
	switch s.Kind {
	case "fetch", "xhr", "stream":
		if s.Body != "" && !r.Headers.Has("Content-Type") {
			r.Headers = append(slices.Clip(r.Headers), [2]string{"Content-Type", "text/plain;charset=UTF-8"})
		}
	case "events":
		r.ByPlatform = true
		r.Headers = browser.Headers{{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}}
	case "socket":
		r.Mode = browser.ModeWebSocket
	case "beacon": // https://w3c.github.io/beacon/#sendbeacon-method
		r.Method, r.Credentials = "POST", browser.CredentialsInclude
		if contentType, _ := r.Headers.Get("Content-Type"); browser.IsSafelistedRequestHeader("Content-Type", contentType) {
			r.Mode = browser.ModeNoCORS
		}
	default:
		r.ByPlatform = true
		r.Mode, r.Credentials = s.attribute()
	}
	return r
}

// attribute is what a crossorigin attribute means for the request
// (https://html.spec.whatwg.org/#cors-settings-attributes).
func (s step) attribute() (browser.Mode, browser.CredentialsMode) {
	switch {
	case s.Cross == "use-credentials":
		return browser.ModeCORS, browser.CredentialsInclude
	case s.Cross == "none" && s.Kind != "module" && s.Kind != "import" && s.Kind != "font" && s.Kind != "face":
		return browser.ModeNoCORS, browser.CredentialsInclude
	}
	return browser.ModeCORS, browser.CredentialsSameOrigin
}

package oracle

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestAnswer has an example of each rule that a sentence of the contract makes, so
// that the oracle is not only compared with the handler.
func TestAnswer(t *testing.T) {
	t.Parallel()
	get := func(origin string) Request {
		return Request{Method: "GET", Host: "site.example", Origin: []string{origin}}
	}
	with := func(r Request, change func(*Request)) Request {
		change(&r)
		return r
	}
	said := func(word string) func(*Request) { return func(r *Request) { r.FetchSite = []string{word} } }
	socket := func(r *Request) { r.WebSocket = true }
	for name, c := range map[string]struct {
		config  string
		request Request
		want    string // verdict, reason, status where it is answered, and fields
	}{
		"allowed":                          {`{"origins": ["https://a.example"]}`, get("https://a.example"), "allowed allow-origin=https://a.example"},
		"the site by its name":             {`{"origins": ["https://a.example"]}`, get("http://site.example"), "same_origin"},
		"the site, TLS in front":           {`{"origins": ["https://a.example"]}`, get("https://site.example"), "same_origin"},
		"another scheme, TLS here":         {`{"origins": ["https://a.example"]}`, with(get("http://site.example"), func(r *Request) { r.TLS = true }), "refused origin_not_allowed"},
		"an app of the site's name":        {`{"origins": ["https://a.example"]}`, get("capacitor://site.example"), "refused origin_not_allowed"},
		"the browser says no":              {`{"origins": ["https://a.example"]}`, with(get("https://site.example"), said("cross-site")), "refused origin_not_allowed"},
		"the browser says yes":             {`{"origins": ["https://a.example"]}`, with(get("https://b.example"), said("same-origin")), "same_origin"},
		"nobody made the user come":        {`{"origins": ["https://a.example"]}`, with(get("https://b.example"), said("none")), "same_origin"},
		"malformed, whatever it says":      {`{"origins": ["https://a.example"]}`, with(get("https://B.example"), said("same-origin")), "refused origin_malformed"},
		"enforced":                         {`{"enforce": ["requests"]}`, get("https://b.example"), "refused origin_not_allowed 403"},
		"a rebound name":                   {`{"enforce": ["requests"]}`, with(get("http://site.example"), said("same-origin")), "refused host_not_verified 403"},
		"a name that is fixed":             {`{"enforce": ["requests"]}`, with(get("http://site.example"), func(r *Request) { r.HostVerified = true }), "same_origin"},
		"a name with a certificate":        {`{"enforce": ["requests"]}`, get("https://site.example"), "same_origin"},
		"a name of the local network":      {`{"enforce": ["requests"]}`, with(get("http://nas.local:8080"), func(r *Request) { r.Host = "nas.local:8080" }), "same_origin"},
		"an address":                       {`{"enforce": ["requests"]}`, with(get("http://10.0.0.1"), func(r *Request) { r.Host = "10.0.0.1" }), "same_origin"},
		"listed, whatever the host":        {`{"origins": ["http://site.example"], "enforce": ["requests"]}`, get("http://site.example"), "allowed allow-origin=http://site.example"},
		"handshakes only":                  {`{"origins": ["https://a.example"], "enforce": ["websockets"]}`, get("http://site.example"), "same_origin"},
		"a rebound handshake":              {`{"origins": ["https://a.example"], "enforce": ["websockets"]}`, with(get("http://site.example"), socket), "refused host_not_verified 403"},
		"a source says yes":                {`{"origins_from": [{"source": "x", "yes": ["https://b.example"]}]}`, get("https://b.example"), "allowed allow-origin=https://b.example"},
		"no source for the site":           {`{"origins_from": [{"source": "x", "silent": ["https://site.example"]}]}`, get("https://site.example"), "same_origin"},
		"a handshake under a star":         {`{"origins": ["*"], "enforce": ["websockets"]}`, with(get("https://b.example"), socket), "refused origin_not_allowed 403"},
		"a handshake of one that is named": {`{"origins": ["*", "https://b.example"], "enforce": ["websockets"]}`, with(get("https://b.example"), socket), "allowed allow-origin=*"},
		"requests under a star":            {`{"origins": ["*"], "enforce": ["requests"]}`, get("https://b.example"), "allowed allow-origin=*"},
		"a label":                          {`{"origins": ["https://*-shop.a.example"]}`, get("https://x-1-shop.a.example"), "allowed allow-origin=https://x-1-shop.a.example"},
		"a label of nothing":               {`{"origins": ["https://*-shop.a.example"]}`, get("https://-shop.a.example"), "refused origin_not_allowed"},
		"a label of two":                   {`{"origins": ["https://*-shop.a.example"]}`, get("https://x.y-shop.a.example"), "refused origin_not_allowed"},
		"a label with another letter":      {`{"origins": ["https://*-shop.a.example"]}`, get("https://x_y-shop.a.example"), "refused origin_not_allowed"},
		"an app":                           {`{"origins": ["app://."]}`, get("app://."), "allowed allow-origin=app://."},
		"an app under a star":              {`{"origins": ["*"], "except": ["https://a.example"]}`, get("qrc://"), "allowed allow-origin=*"},
		"a file":                           {`{"origins": ["file://"], "dangerously_allow": ["null_origin"]}`, get("file://"), "allowed allow-origin=file://"},
		"a file from a source":             {`{"origins_from": [{"source": "x", "yes": ["file://"]}]}`, get("file://"), "refused origin_not_allowed"},
		"expose beside a star":             {`{"origins": ["https://a.example"], "expose": ["X-A", "*"]}`, get("https://a.example"), "allowed allow-origin=https://a.example expose-headers=*,X-A"},
		"expose with credentials":          {`{"origins": ["https://a.example"], "credentials": true, "expose": ["X-A", "*"]}`, get("https://a.example"), "allowed allow-credentials=true allow-origin=https://a.example exposed:X-A"},
		"none, in any case":                {`{"origins": ["https://a.example"], "methods": ["None"], "headers": ["NONE"]}`, with(get("https://a.example"), func(r *Request) { r.Method, r.RequestMethod = "OPTIONS", []string{"PUT"} }), "refused method_not_allowed 403 allow-origin=https://a.example max-age=7200"},
		"timing of a list":                 {`{"origins": ["https://a.example"], "for": [{"origins": ["https://b.example"]}], "timing": true}`, get("https://c.example"), "refused origin_not_allowed timing=https://b.example,https://a.example"},
		"timing of anybody":                {`{"origins": ["*"], "for": [{"origins": ["https://b.example"]}], "timing": true}`, Request{Method: "GET"}, "none timing=*"},
		"timing of a pattern":              {`{"origins": ["https://*.a.example"], "timing": true}`, get("https://x.a.example"), "allowed allow-origin=https://x.a.example timing=https://x.a.example"},
		"timing and an exception":          {`{"origins": ["*"], "except": ["https://b.example"], "timing": true}`, get("https://b.example"), "refused origin_not_allowed"},
		"what an upstream may keep":        {`{"origins": ["*"], "upstream": "keep"}`, Request{Method: "GET"}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var config Config
			if err := json.Unmarshal([]byte(c.config), &config); err != nil {
				t.Fatal(err)
			}
			if mistake := config.Mistake(); mistake != "" {
				t.Errorf("it does not load: %s", mistake)
			}
			a := config.Answer(&c.request)
			if got := describe(&a); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if config.Upstream == "keep" && !slices.Equal(a.Vary, []string{"origin"}) {
				t.Errorf("Vary: %q", a.Vary)
			}
		})
	}
}

// describe writes an answer in a line.
func describe(a *Answer) string {
	parts := []string{a.Verdict}
	if a.Reason != "" {
		parts = append(parts, a.Reason)
	}
	if a.Status != 0 {
		parts = append(parts, "403")
	}
	var fields []string
	for name, value := range a.Fields {
		fields = append(fields, strings.NewReplacer("access-control-", "", "timing-allow-origin", "timing").Replace(name)+"="+value)
	}
	slices.Sort(fields)
	parts = append(parts, fields...)
	if a.ExposeCarried {
		parts = append(parts, "exposed:"+strings.Join(a.Exposed, ","))
	}
	return strings.Join(parts, " ")
}

// TestMistake has an example of each rule about configurations.
func TestMistake(t *testing.T) {
	t.Parallel()
	for config, wrong := range map[string]bool{
		`{}`: true, `{"enforce": ["requests"]}`: false, `{"enforce": ["websockets"]}`: true,
		`{"origins": ["*"], "credentials": true}`:                                                                    true,
		`{"origins": ["https://*example.com"]}`:                                                                      true,
		`{"origins": ["https://dev-*.co.uk"]}`:                                                                       true,
		`{"origins": ["http://dev-*"]}`:                                                                              true,
		`{"origins": ["https://a*b*.a.example"]}`:                                                                    true,
		`{"origins": ["https://x.*-a.example"]}`:                                                                     true,
		`{"origins": ["https://dev-*.shop.test:*"], "credentials": true}`:                                            false,
		`{"origins": ["https://*-shop.netlify.app"]}`:                                                                false,
		`{"origins": ["https://*-shop.netlify.app"], "credentials": true}`:                                           true,
		`{"origins": ["https://*-shop.netlify.app"], "credentials": true, "dangerously_allow": ["public_suffixes"]}`: false,
		`{"origins": ["https://**.amazonaws.com"], "credentials": true}`:                                             true,
		`{"origins": ["https://*.amazonaws.com"], "credentials": true}`:                                              false,
		`{"origins": ["file://"]}`:                                                                                   true,
		`{"origins": ["file://"], "credentials": true, "dangerously_allow": ["null_origin"]}`:                        true,
		`{"origins": ["app://.", "package://"], "credentials": true}`:                                                false,
		`{"origins": ["https://a.example"], "headers": ["Access-Control-Allow-Origin"]}`:                             true,
		`{"origins": ["https://a.example"], "expose": ["Access-Control-Max-Age"]}`:                                   true,
		`{"origins": ["https://a.example"], "expose": ["Access-Control-Allow-Origin"]}`:                              false,
		`{"origin_regexp": ["https://app.example.com"]}`:                                                             false,
		`{"origin_regexp": ["https://app.example.com"], "credentials": true}`:                                        true,
		`{"origin_regexp": ["https://[a-z]+\\.com"]}`:                                                                true,
	} {
		var c Config
		if err := json.Unmarshal([]byte(config), &c); err != nil {
			t.Fatal(err)
		}
		if mistake := c.Mistake(); (mistake != "") != wrong {
			t.Errorf("%s: mistake %q, want one: %t", config, mistake, wrong)
		}
	}
}

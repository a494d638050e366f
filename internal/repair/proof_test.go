package repair_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// TestProof spoils drafts behind the back of the proof. It must find out, and
// say what went wrong.
func TestProof(t *testing.T) {
	const (
		named = "api.example.com {\n\theader Access-Control-Allow-Origin https://app.example.com\n\theader Vary Origin\n\treverse_proxy localhost:3000\n}\n"
		star  = "api.example.com {\n\theader Access-Control-Allow-Origin *\n\treverse_proxy localhost:3000\n}\n"
		yield = "api.example.com {\n\theader ?Access-Control-Allow-Origin *\n\treverse_proxy localhost:3000\n}\n"
		path  = "api.example.com {\n\theader /v1/* Access-Control-Allow-Origin https://app.example.com\n\treverse_proxy localhost:3000\n}\n"
		money = "api.example.com {\n\t@a header Origin https://app.example.com\n\theader @a Access-Control-Allow-Origin https://app.example.com\n\theader @a Access-Control-Allow-Credentials true\n\trespond ok\n}\n"
	)
	type change = func(head, options []string) ([]string, []string)
	put := func(head []string, options ...string) change {
		return func([]string, []string) ([]string, []string) { return head, options }
	}
	app := []string{"https://app.example.com"}
	for _, tt := range []struct {
		name, config string
		change       change
		reason       string // "": it is fine
	}{
		{"as it was", named, func(h, o []string) ([]string, []string) { return h, o }, ""},
		{"a star for a name", named, put(nil, "origins *"), "a page of any origin sends"},
		{"a name more", named, put(append(app, "https://evil.example")), "https://evil.example"},
		{"all subdomains", named, put(append(app, "https://*.com")), "the old lines refuse"},
		{"the http variant", named, put(append(app, "http://app.example.com")), "http://app.example.com"},
		{"a lookalike", named, put(append(app, "https://app.example.com.evil.example")), "app.example.com.evil.example"},
		{"null", named, put(app, "dangerously_allow null_origin", "origins null"), "a page on null"},
		{"another port", named, put(append(app, "https://app.example.com:*")), "https://app.example.com:8443"},
		{"credentials that were not there", named, put(app, "credentials"), "with credentials"},
		{"another name", named, put([]string{"https://www.example.com"}), "a page on https://app.example.com sends GET https://api.example.com/ and cannot read the answer"},
		{"credentials lost", money, put(app), "with credentials and cannot read"},
		{"methods for everybody", star, put(nil, "origins *", "headers none"), "sends PUT"},
		{"headers for everybody", star, put(nil, "origins *", "methods none"), "with Content-Type"},
		{"preflights forwarded", named, put(app, "preflight forward"), "cannot read the answer"},
		{"enforced", named, put(app, "enforce requests"), ""},
		{"an upstream that decides", named, put(app, "upstream keep"), "cannot read the answer"},
		{"every path", path, put(append(app, "https://other.example.com")), "https://other.example.com"},
		{"a header exposed", named, put(app, "expose X-Secret"), "sees x-secret"},
		{"all headers exposed", named, put(app, "expose *"), "sees *"},
		{"does not load", named, put([]string{"https://app.example.com/"}), "`cors` refuses whom these lines let in: origin"},
		{"an upstream that decides no longer", yield, put(nil, "origins *", "methods none", "headers none", "upstream override"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, err := repair.Tampered("Caddyfile", []byte(tt.config), tt.change)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Repairs) != 1 {
				t.Fatalf("%d repairs", len(res.Repairs))
			}
			got := res.Repairs[0].Reason
			if tt.reason == "" != (got == "") || !strings.Contains(got, tt.reason) {
				t.Errorf("reason %q, want %q", got, tt.reason)
			}
			if got != "" && res.Applies() {
				t.Errorf("it is shown all the same: %v", res.New)
			}
		})
	}
}

// TestProofOfScopes gives credentials, which the old lines give to some requests,
// to all of them, as if that was wanted. The proof asks inside and outside.
func TestProofOfScopes(t *testing.T) {
	const allowed, money = "header Access-Control-Allow-Origin https://app.example.com\n", "Access-Control-Allow-Credentials true\n"
	for _, tt := range []struct{ name, address, lines string }{
		{"path", "api.example.com", allowed + "header /private/* " + money},
		{"host", "a.example.com, b.example.com", allowed + "@a host a.example.com\nheader @a " + money},
		{"host of a wildcard", "*.example.com", allowed + "@a host a.example.com\nheader @a " + money},
		{"query", "api.example.com", allowed + "@q query c=1\nheader @q " + money},
		{"not a path", "api.example.com", allowed + "@q not path /public/*\nheader @q " + money},
		{"path and query", "api.example.com", allowed + "@q {\npath /p/*\nquery c=1\n}\nheader @q " + money},
		{"handle", "api.example.com", allowed + "handle /p/* {\nheader " + money + "reverse_proxy localhost:3000\n}\n"},
		{"inner route", "api.example.com", "route /v1/* {\n" + allowed + "route /v1/admin/* {\nheader " + money + "}\nreverse_proxy localhost:3000\n}\n"},
		{"method", "api.example.com", allowed + "@g method GET\nheader @g " + money},
		{"not a method", "api.example.com", allowed + "@g not method PUT OPTIONS\nheader @g " + money},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := tt.address + " {\n" + tt.lines + "reverse_proxy localhost:3000\n}\n"
			res, err := repair.Tampered("Caddyfile", []byte(config), func(head, _ []string) ([]string, []string) { return head, []string{"credentials"} })
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Repairs[0].Reason; res.Applies() || !strings.Contains(got, "with credentials, which the old lines refuse") {
				t.Errorf("reason %q\n%s", got, res.New["Caddyfile"])
			}
		})
	}
}

// TestProofOfLists gives a method, which the old lines list for some addresses, to all of
// them.
func TestProofOfLists(t *testing.T) {
	const allowed, list, answered = "header Access-Control-Allow-Origin https://app.example.com\n", "Access-Control-Allow-Methods PUT\n", "@o method OPTIONS\nrespond @o 204\n"
	for _, tt := range []struct{ name, address, lines string }{
		{"path", "api.example.com", allowed + "header /api/* " + list + answered},
		{"preflights of a path", "api.example.com", allowed + "@p {\nmethod OPTIONS\npath /api/*\n}\nheader @p " + list + answered},
		{"host", "*.example.com", allowed + "@a {\nmethod OPTIONS\nhost a.example.com\n}\nheader @a " + list + answered},
		{"handle", "api.example.com", allowed + "handle /api/* {\n@o method OPTIONS\nhandle @o {\nheader " + list + "respond 204\n}\nreverse_proxy localhost:3000\n}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := tt.address + " {\n" + tt.lines + "reverse_proxy localhost:3000\n}\n"
			res, err := repair.Tampered("Caddyfile", []byte(config), func(head, _ []string) ([]string, []string) { return head, []string{"methods PUT"} })
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Repairs[0].Reason; res.Applies() || !strings.Contains(got, "sends PUT") || !strings.Contains(got, "which the old lines refuse") {
				t.Errorf("reason %q\n%s", got, res.New["Caddyfile"])
			}
		})
	}
}

// TestLosses: what an upstream gave and gives no more is named.
func TestLosses(t *testing.T) {
	res := mend(t, "api.example.com {\n\treverse_proxy localhost:3000 {\n\t\theader_down Access-Control-Allow-Origin https://app.example.com\n\t}\n}\n")
	if !slices.ContainsFunc(res.Repairs[0].Notes, func(n string) bool {
		return strings.Contains(n, "only the upstream lets in, by CORS headers of its own, can no longer read")
	}) {
		t.Errorf("no loss is named: %+v", res.Repairs[0])
	}
	res = mend(t, "api.example.com {\n\theader ?Access-Control-Allow-Origin *\n\treverse_proxy localhost:3000\n}\n")
	if !strings.Contains(res.New["Caddyfile"], "upstream keep") || len(res.Repairs[0].Notes) > 0 {
		t.Errorf("the upstream is not heard: %+v\n%s", res.Repairs[0], res.New["Caddyfile"])
	}
}

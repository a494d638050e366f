package browser_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// FuzzOrigin: the origin that is read stays the same when it is read again, and
// what the handler's parser takes, this one takes as it is. The handler takes
// every scheme, since any client may send it something; here file: and data:
// with more behind them are refused, as browsers give such pages an opaque origin.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{
		"null", "https://a.example", "HTTPS://A.example:443", "http://[::1]:80", "http://[0:0:0:0:0:0:0:1]:8080", "https://a.example.", "capacitor://localhost",
		"https://a.example/", "https://u@a.example", "https:a.example", "file:///", "https://127.1", "http://0x7f.1", "https://[::ffff:1.2.3.4]", "https://a.example:0080",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := browser.ParseOrigin(s)
		if err != nil {
			if o, ok := origin.Parse(s); ok && o.Scheme() != "file" && o.Scheme() != "data" {
				t.Fatalf("%q is a serialized origin: %v", s, err)
			}
			return
		}
		if _, ok := origin.Parse(s); ok && o.String() != s {
			t.Fatalf("%q became %q", s, o)
		}
		again, err := browser.ParseOrigin(o.String())
		if err != nil || again != o || o.Opaque() != (o.String() == "null") || !o.Opaque() && !o.SameOrigin(again) {
			t.Fatalf("%q reads %q, and that %q, %v", s, o, again, err)
		}
		if scheme, _, _ := strings.Cut(o.String(), "://"); scheme == "http" || scheme == "https" {
			of, err := browser.OriginOf(o.String() + "/a?b#c")
			if err != nil || of != o {
				t.Fatalf("a page of %q has the origin %q, %v", o, of, err)
			}
		}
	})
}

// FuzzJudge compares the judgement of an answer with the standard's algorithm in
// its shortest form.
func FuzzJudge(f *testing.F) {
	for _, allowed := range []string{"", "*", "https://a.example", "https://a.example\nhttps://a.example", "https://b.example", "null"} {
		for _, list := range []string{"", "*", "PUT, x-a", "put", "X-A,authorization", "PUT;", ",\t,PUT"} {
			f.Add(true, 200, "PUT", "X-A", allowed, "true", list, list)
			f.Add(false, 204, "GET", "Authorization", allowed, "", list, "*")
			f.Add(false, 404, "patch", "x-b", allowed, "TRUE", list, list)
		}
	}
	f.Fuzz(func(t *testing.T, credentials bool, status int, method, name, allowOrigin, allowCredentials, allowMethods, allowHeaders string) {
		r := browser.Request{URL: "https://api.example/", Method: method, Headers: browser.Headers{{name, "application/json"}}, Credentials: browser.CredentialsOmit}
		if credentials {
			r.Credentials = browser.CredentialsInclude
		}
		page := page(t, "https://a.example")
		var h browser.Headers
		for _, field := range [][2]string{
			{"Access-Control-Allow-Origin", allowOrigin},
			{"Access-Control-Allow-Credentials", allowCredentials},
			{"Access-Control-Allow-Methods", allowMethods},
			{"Access-Control-Allow-Headers", allowHeaders},
		} {
			if field[1] == "" {
				continue
			}
			for line := range strings.SplitSeq(field[1], "\n") {
				h = append(h, [2]string{field[0], line})
			}
		}
		v := browsertest.JudgePreflight(page, r, browser.Response{Status: status, Headers: h})
		if v.Outcome == browser.NotSent {
			return
		}
		origins := joined(allowOrigin)
		check := origins == "*" && !credentials || origins == "https://a.example" && (!credentials || joined(allowCredentials) == "true")
		want := check && status >= 200 && status <= 299 && grantsMethod(allowMethods, method, credentials) && grantsHeader(allowHeaders, name, credentials)
		if got := v.Outcome == browser.PreflightPassed; got != want {
			t.Fatalf("%s %s, credentials %t, answered %d with %q: %s, %+v", method, name, credentials, status, h, v.Outcome, v.Failure)
		}
	})
}

// joined is the value of a header on some lines, which end where HTTP says.
func joined(lines string) string {
	all := strings.Split(lines, "\n")
	for i, line := range all {
		all[i] = strings.Trim(line, " \t")
	}
	return strings.Join(all, ", ")
}

// plainList splits a list header; ok is false where an element is no token.
func plainList(lines string) (list []string, ok bool) {
	for element := range strings.SplitSeq(strings.ReplaceAll(lines, "\n", ","), ",") {
		if element = strings.Trim(element, " \t"); element == "" {
			continue
		}
		if !browser.IsMethod(element) {
			return nil, false
		}
		list = append(list, element)
	}
	return list, true
}

func grantsMethod(lines, method string, credentials bool) bool {
	list, ok := plainList(lines)
	method = browser.NormalizeMethod(method)
	if method == "" {
		method = "GET"
	}
	return ok && (browser.IsSafelistedMethod(method) || slices.Contains(list, method) || slices.Contains(list, "*") && !credentials)
}

func grantsHeader(lines, name string, credentials bool) bool {
	list, ok := plainList(lines)
	if !ok || browser.IsForbiddenRequestHeader(name, "application/json") || browser.IsSafelistedRequestHeader(name, "application/json") {
		return ok // a browser drops the one and does not ask about the other
	}
	byName := slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
	return byName || slices.Contains(list, "*") && !credentials && !strings.EqualFold(name, "Authorization")
}

package policy

import (
	"strings"
	"testing"
)

func TestDecidePreflight(t *testing.T) {
	t.Parallel()
	const a = "https://a.example"
	long := strings.Repeat("x", 64<<10)
	for _, c := range []struct {
		lines   string
		request Request
		methods string
		headers string
		reason  Reason
	}{
		{"", preflightFrom(a, "PUT", "x-a"), "GET,HEAD,POST,PUT,PATCH,DELETE", "*,Authorization", ReasonNone},
		{"", preflightFrom(a, "PURGE"), "GET,HEAD,POST,PUT,PATCH,DELETE", "*,Authorization", ReasonMethodNotAllowed},
		{"methods none\nheaders none", preflightFrom(a, "POST"), "", "", ReasonNone},
		{"methods none\nheaders none", preflightFrom(a, "PUT", "x-a"), "", "", ReasonMethodNotAllowed},
		{"methods none\nheaders none", preflightFrom(a, "GET", "x-a"), "", "", ReasonHeaderNotAllowed},
		{"methods PATCH", preflightFrom(a, "patch"), "PATCH", "*,Authorization", ReasonMethodNotAllowed},
		{"methods *", preflightFrom(a, "PURGE"), "*", "*,Authorization", ReasonNone},
		{"methods *\ncredentials", preflightFrom(a, "PURGE"), "PURGE", "", ReasonNone},
		{"methods *", preflightFrom(a, "TRACE"), "", "*,Authorization", ReasonMethodNotAllowed},
		{"methods *\ncredentials", preflightFrom(a, "connect"), "", "", ReasonMethodNotAllowed},
		{"methods *\ncredentials", preflightFrom(a, "P UT"), "", "", ReasonMethodNotAllowed},
		{"methods *\ncredentials", preflightFrom(a, long), "", "", ReasonMethodNotAllowed},
		{"methods *", Request{Method: "OPTIONS", Origin: []string{a}, RequestMethod: []string{"PUT", "GET"}}, "", "*,Authorization", ReasonMethodNotAllowed},
		{"credentials", preflightFrom(a, "GET", "x-a,authorization"), "GET,HEAD,POST,PUT,PATCH,DELETE", "x-a,authorization", ReasonNone},
		{"credentials\nheaders *", preflightFrom(a, "GET", "x-a,authorization"), "GET,HEAD,POST,PUT,PATCH,DELETE", "x-a", ReasonHeaderNotAllowed},
		{"credentials\nheaders *", preflightFrom(a, "GET", "*,x-a"), "GET,HEAD,POST,PUT,PATCH,DELETE", "x-a", ReasonHeaderNotAllowed},
		{"credentials\nheaders *", preflightFrom(a, "GET", " X-A ,, x b", "\tx-c"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A,x-c", ReasonHeadersMalformed},
		{"headers *", preflightFrom(a, "GET", "authorization"), "GET,HEAD,POST,PUT,PATCH,DELETE", "*", ReasonHeaderNotAllowed},
		{"headers X-A X-B", preflightFrom(a, "GET", "X-b, x-A"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A,X-B", ReasonNone},
		{"headers X-A", preflightFrom(a, "GET", "x-aa"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", ReasonHeaderNotAllowed},
		{"headers X-A", preflightFrom(a, "GET", strings.Repeat(",", 31)+"x-a"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", ReasonNone},
		{"headers X-A", preflightFrom(a, "GET", "x-a"+strings.Repeat(",", 33)), "GET,HEAD,POST,PUT,PATCH,DELETE", "", ReasonHeadersMalformed},
		{"headers X-A", preflightFrom(a, "GET", "x-a"+strings.Repeat(" ", maxRequestHeadersLength)), "GET,HEAD,POST,PUT,PATCH,DELETE", "", ReasonHeadersMalformed},
		{"credentials", preflightFrom(a, "GET", long), "GET,HEAD,POST,PUT,PATCH,DELETE", "", ReasonHeadersMalformed},
		{"credentials", preflightFrom(a, "GET", strings.Split(strings.Repeat("a ", 3000), " ")...), "GET,HEAD,POST,PUT,PATCH,DELETE", "", ReasonHeadersMalformed},
	} {
		d := policyOf(t, "origins https://a.example\n"+c.lines).decide(&c.request)
		verdict := VerdictAllowed
		if c.reason != ReasonNone {
			verdict = VerdictRefused
		}
		if d.AllowOrigin != a || d.AllowMethods != c.methods || d.AllowHeaders != c.headers || d.Verdict != verdict || d.Reason != c.reason {
			t.Errorf("%q, %.80q: got methods %q, headers %q, %s, %q", c.lines, c.request.Header, d.AllowMethods, d.AllowHeaders, d.Verdict, d.Reason)
		}
	}
}

// TestNone: the word is read in any case of letters, and never as a name.
func TestNone(t *testing.T) {
	t.Parallel()
	const a = "https://a.example"
	for _, none := range []string{"none", "None", "NONE"} {
		r := preflightFrom(a, "PUT", "x-a")
		d := policyOf(t, "origins "+a+"\nmethods "+none+"\nheaders "+none).decide(&r)
		if d.Verdict != VerdictRefused || d.AllowMethods != "" || d.AllowHeaders != "" {
			t.Errorf("%s: got %s with methods %q and headers %q", none, d.Verdict, d.AllowMethods, d.AllowHeaders)
		}
	}
}
